import { readScenarios } from '../../protocol/vectors';
import { runScenario, type Scenario } from './support/scenario-runner';

const scenarios = readScenarios().map(({ file, scenario }) => ({ file, scenario: scenario as Scenario }));

describe.each([
  ['the shortest', () => 0],
  ['the longest', () => 1 - Number.EPSILON],
])('The TypeScript client with %s random delays follows the scenario', (_, random) => {
  test.each(scenarios)('$file: $scenario.name', async ({ scenario }) => {
    expect.hasAssertions();
    await expect(runScenario(scenario, random)).resolves.toBeUndefined();
  });
});
