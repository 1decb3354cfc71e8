// STREAMER_TEST_RESULTS: file for the totals of a run, which .ci/run reads. STREAMER_TEST_DURATIONS=1: writes the durations of the suites to
// test/durations.json, which test/sequencer.cjs reads.
const { writeFileSync } = require('node:fs');
const { join, relative, sep } = require('node:path');

/** Minimum duration of a suite in test/durations.json. The order of shorter suites does not matter. */
const LEAST_SECONDS = 5;

module.exports = class ResultsReporter {
  constructor({ rootDir }) {
    this.rootDir = rootDir;
  }

  onRunComplete(_, results) {
    const file = process.env.STREAMER_TEST_RESULTS;
    const { numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests } = results;
    if (file)
      writeFileSync(file, JSON.stringify({ numPassedTests, numFailedTests, numFailedTestSuites, numPendingTests }));
    if (process.env.STREAMER_TEST_DURATIONS) this.writeDurations(results.testResults);
  }

  writeDurations(suites) {
    const durations = suites
      .map(({ testFilePath, perfStats }) => [
        relative(this.rootDir, testFilePath).split(sep).join('/'),
        Math.round(perfStats.runtime / 1000),
      ])
      .filter(([, seconds]) => seconds >= LEAST_SECONDS)
      .sort(([, a], [, b]) => b - a);
    const text = `${JSON.stringify(Object.fromEntries(durations), null, 2)}\n`;
    writeFileSync(join(this.rootDir, 'test/durations.json'), text);
  }
};
