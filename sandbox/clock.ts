/** Time that passes at once, for the tool and the twin in one process: a deadline comes without anybody waiting for it. */
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
