/** From package.json, by `npm run manifests`. */
export const VERSION = '0.1.0'
