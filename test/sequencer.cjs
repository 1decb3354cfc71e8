// Orders the suites so that two cores have work until the end. The longest ones come first. One of those that wait most of their time runs at
// a time, next to the others: package.json has a worker more than the cores that the tests are meant for.
const { relative, sep } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');
const durations = require('./durations.json');

/** They wait for a lease to end, a minute of real time. */
const SLEEPERS = new Set(['test/e2e/crash.test.ts', 'test/e2e/restart.test.ts']);
/** Seconds, for a suite that is not in durations.json. */
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

/** The order in which workers take the suites if the next sleeper is taken when the one before it has ended. */
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
