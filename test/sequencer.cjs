// The longest suites first, so that none of them is left over for one worker at the end; the others as jest orders them.
const { default: Sequencer } = require('@jest/test-sequencer');

const LONG = [
  'flows/simulation.test',
  'e2e/crash.test',
  'flows/simulation-embedded.test',
  'e2e/requests.test',
  'docs/snippets.test',
  'docs/run.test',
  'docs/readme.test',
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
