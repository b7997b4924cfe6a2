/** `npm run manifests` copies it from package.json. */
export const VERSION = '0.1.0'
