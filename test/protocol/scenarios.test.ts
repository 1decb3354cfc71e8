import * as v from 'valibot';
import { CONSTANTS, validateMessage } from '../../lambda-src/protocol';
import { type Scenario, scenarioSchema } from './scenario-form';
import { readScenarios } from './vectors';

const files = readScenarios();
const scenarios = files.map(({ file, scenario }) => ({ file, ...(scenario as Scenario) }));
const framesOf = (scenario: Scenario) => scenario.steps.flatMap(({ server }) => (server?.frame ? [server.frame] : []));

test.each(files)('$file has the form that the README describes', ({ scenario }) => {
  const { issues } = v.safeParse(scenarioSchema, scenario);

  expect(issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`)).toBeUndefined();
});

test('the form refuses a step that no runner knows', () => {
  const scenario = (step: object) => v.is(scenarioSchema, { name: 'x', description: 'x', steps: [step] });

  expect(scenario({ advance: { ms: 5 } })).toBe(true);
  expect(scenario({ sleep: { ms: 5 } })).toBe(false);
  expect(scenario({ advance: { ms: 5, s: 1 } })).toBe(false);
  expect(scenario({ advance: { ms: 5 }, accept: {} })).toBe(false);
  expect(scenario({ assert: { state: 'happy' } })).toBe(false);
});

test('there is a scenario for each thing that can go wrong, each with a name of its own', () => {
  expect(scenarios.length).toBeGreaterThanOrEqual(14);
  expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
});

test.each(scenarios)('$file: the server sends what the protocol allows', (scenario) => {
  const known = new Set<unknown>([...CONSTANTS.serverTypes, undefined]);

  for (const frame of framesOf(scenario).filter(({ type }) => known.has(type))) {
    expect(validateMessage(JSON.stringify(frame), 'server')).toMatchObject({ ok: true });
  }
});

test.each(scenarios)('$file: the client is expected to send what the protocol allows', (scenario) => {
  const frames = scenario.steps.flatMap((step) => (step.expect?.frame ? [step.expect.frame] : []));

  for (const frame of frames) expect(validateMessage(JSON.stringify(frame), 'client')).toMatchObject({ ok: true });
});

test.each(scenarios)('$file: each connection offers the version and the token', ({ steps, token = 'token-1' }) => {
  const bearer = CONSTANTS.bearerPrefix + Buffer.from(token).toString('base64url');
  const offers = steps.flatMap((step) => (step.expect?.connect ? [step.expect.connect.protocols] : []));

  expect(offers.length).toBeGreaterThan(0);
  for (const protocols of offers) expect(protocols).toEqual([CONSTANTS.subprotocol, bearer]);
});

test.each(scenarios)('$file: errors asserted are in the table', ({ steps }) => {
  for (const code of steps.flatMap((step) => step.assert?.error?.code ?? [])) {
    expect(Object.keys(CONSTANTS.errors)).toContain(code);
  }
});
