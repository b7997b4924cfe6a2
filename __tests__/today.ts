/** The seed of all that is random in tests: the same all day (UTC) on every machine. FUZZ_SEED asks for another one. */
const today = Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''))

export const SEED = Number(process.env['FUZZ_SEED'] ?? today)
