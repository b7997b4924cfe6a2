/** Prints, per suite and in all, how many attempts there were and how many were survived. */
import { basename } from 'node:path'

export default class Counts {
  onRunComplete(_contexts, { testResults, numPassedTests, numTotalTests }) {
    for (const { testFilePath, numPassingTests, numFailingTests } of testResults) {
      const tried = numPassingTests + numFailingTests
      console.log(
        `hostile: ${basename(testFilePath, '.hostile.ts')}: ${numPassingTests} of ${tried} survived`
      )
    }
    console.log(`hostile: ${numPassedTests} of ${numTotalTests} survived`)
  }
}
