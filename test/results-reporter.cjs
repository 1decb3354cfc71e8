// Writes the totals of a run to the file that STREAMER_TEST_RESULTS names, for .ci/run.
const { writeFileSync } = require('node:fs');

module.exports = class ResultsReporter {
  onRunComplete(_, results) {
    const file = process.env.STREAMER_TEST_RESULTS;
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = results;
    if (file)
      writeFileSync(file, JSON.stringify({ numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests }));
  }
};
