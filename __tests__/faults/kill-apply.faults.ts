import { killMatrix } from './kills.ts'

killMatrix('apply')
