/** Advances the time of Patless and the twin in one process, so that a test reaches a deadline without waiting. */
const { now } = Date
let ahead = 0

export function passTime(ms: number): void {
  ahead += ms
  Date.now = () => now.call(Date) + ahead
}

export function resetTime(): void {
  ahead = 0
  Date.now = now
}
