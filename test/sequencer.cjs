// The longest suites first, so that none of them is left over for one worker at the end; the others as jest orders them.
const { default: Sequencer } = require('@jest/test-sequencer');

const LONG = [
  // waits a minute for a lease to end, and computes little meanwhile
  'e2e/crash.test',
  'cli/types/action-types.test',
  'guards/defaults.test',
  'client-sdks/typescript/types.test',
  'cli/init.test',
  'flows/topics-simulation.test',
  'e2e/requests.test',
  'guards/documented.test',
  'dynamodb/embedded.test',
  'docs/snippets.test',
  'docs/readme.test',
  'docs/run.test',
  'flows/simulation.test',
  'flows/simulation-embedded.test',
  'e2e/console.test',
  'e2e/browser.test',
];
const rank = ({ path }) => {
  const index = LONG.findIndex((name) => path.includes(name));
  return index === -1 ? LONG.length : index;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
