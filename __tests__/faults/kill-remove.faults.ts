import { killMatrix } from './kills.ts'

killMatrix('remove')
