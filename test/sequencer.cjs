// Orders the suites so that two cores have work until the end. The longest suites come first. Suites that mostly wait run one at a time, in addition
// to the others. For these suites, package.json has one worker more than the two cores.
const { relative, sep } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');
const durations = require('./durations.json');

/** Suites that mostly wait in real time, because the lease of a process must end. */
const SLEEPERS = new Set(['test/e2e/crash.test.ts', 'test/e2e/restart.test.ts']);
/** Assumed duration in seconds of a suite that is not in durations.json. */
const SHORT = 2;

module.exports = class LongestFirst extends Sequencer {
  constructor(options) {
    super(options);
    this.workers = options.globalConfig.maxWorkers;
  }

  sort(tests) {
    const nameOf = ({ path, context }) => relative(context.config.rootDir, path).split(sep).join('/');
    const secondsOf = (test) => durations[nameOf(test)] ?? SHORT;
    const sorted = [...super.sort(tests)].sort((a, b) => secondsOf(b) - secondsOf(a));
    const sleepers = sorted.filter((test) => SLEEPERS.has(nameOf(test)));
    const others = sorted.filter((test) => !SLEEPERS.has(nameOf(test)));
    return interleave(sleepers, others, secondsOf, this.workers);
  }
};

/** Returns the order in which workers take the suites. A sleeper is taken only when the previous sleeper has ended. */
function interleave(sleepers, others, secondsOf, workers) {
  const freeAt = Array.from({ length: workers }, () => 0);
  let sleepsUntil = 0;
  const order = [];
  while (sleepers.length + others.length > 0) {
    const worker = freeAt.indexOf(Math.min(...freeAt));
    const sleeps = others.length === 0 || (sleepers.length > 0 && sleepsUntil <= freeAt[worker]);
    const test = (sleeps ? sleepers : others).shift();
    order.push(test);
    freeAt[worker] += secondsOf(test);
    if (sleeps) sleepsUntil = freeAt[worker];
  }
  return order;
}
