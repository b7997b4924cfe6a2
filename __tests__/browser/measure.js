/**
 * Runs in the browser. Hard to read is a text with less contrast than the 4.5 to 1 of WCAG 2.2, 1.4.3.
 */
/* global document, getComputedStyle, Node */
;(() => {
  const numbers = (color) => (color.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (color) => {
    const [red, green, blue] = color.map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const behind = (element) => {
    if (!element) return [255, 255, 255]
    const box = element.localName === 'g' ? element.querySelector('rect') : null
    const style = getComputedStyle(box ?? element)
    const color = numbers(box ? style.fill : style.backgroundColor)
    return color.length > 0 && color[3] !== 0 ? color : behind(element.parentElement)
  }
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '')
  const isFaint = (element) => {
    const style = getComputedStyle(element)
    const color = numbers(element.localName === 'text' ? style.fill : style.color)
    const [light, dark] = [luminance(color), luminance(behind(element))].toSorted((a, b) => b - a)
    return (light + 0.05) / (dark + 0.05) < 4.5
  }
  const { scrollWidth, clientWidth } = document.documentElement
  const shown = [...document.querySelectorAll('body *')].filter(
    (one) => one.localName !== 'title' && hasText(one)
  )
  return {
    overflow: Math.max(0, scrollWidth - clientWidth),
    faint: shown.filter(isFaint).map((one) => `${one.localName}: ${one.textContent}`)
  }
})()
