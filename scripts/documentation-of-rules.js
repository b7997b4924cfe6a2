/**
 * For mutation testing: the parts of a rule that decide nothing. docs/troubleshooting.md is generated from them, and a
 * test compares it; the examples are the input of the tests.
 */
const DOCUMENTATION = new Set(['symptom', 'cause', 'texts', 'sources', 'examples'])

const isOfRule = (object) => object.properties.some(({ key }) => key?.name === 'matches')

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'documentation-of-rules',
    value: {
      shouldIgnore: ({ node, parent }) =>
        node.type === 'ObjectProperty' && DOCUMENTATION.has(node.key.name) && isOfRule(parent)
          ? 'documentation of a rule'
          : undefined
    }
  }
]
