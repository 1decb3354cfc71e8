import { Repository } from 'aws-cdk-lib/aws-ecr';
import { type CfnFunction, DockerImageCode, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { StreamerHandler } from '../../../src';
import { functionCall, routerInvokes } from '../../../src/bundling/entry';
import type { BoundHandler, HandlerHost, HandlerKind } from '../../../src/handlers/kinds/kind';
import { StreamerAction } from '../../../src/streamer-action';
import { auth, build, synthesizeForDev } from '../support/apps';
import { makeProject } from '../support/project';
import { entryOf, permissionsOf } from '../support/readable';

/** A sync handler in a container image. The construct does not have this kind of handler; this file alone implements it. */
class ContainerHandler implements HandlerKind {
  public constructor(private readonly repositoryName: string) {}

  public bind(action: string, api: HandlerHost): BoundHandler {
    const { scope, name } = api.place('Containers', action);
    const resources = new Construct(scope, action);
    const repository = Repository.fromRepositoryName(resources, 'Repository', this.repositoryName);
    const fn = new DockerImageFunction(resources, 'Function', {
      functionName: name,
      code: DockerImageCode.fromEcr(repository, { tagOrDigest: 'v3' }),
    });
    api.names.add(fn, name);
    api.router.invokeNamed();
    const remote = { functionName: name, timeoutMs: api.settings.syncTimeout.toMilliseconds() };
    return {
      action,
      router: routerInvokes(functionCall(action, remote, 'sync')),
      result: new StreamerAction(fn),
      resources,
    };
  }
}

const handlers = { resize: StreamerHandler._of(new ContainerHandler('images/resize')) };
const synthesized = () => synthesizeForDev({ auth, projectRoot: makeProject({}), handlers });

test('a new kind of handler creates its own resources', () => {
  const { api } = build({ auth, projectRoot: makeProject({}), handlers });
  expect(api.handler('resize').function).toBeInstanceOf(DockerImageFunction);
  synthesized().hasResourceProperties('AWS::Lambda::Function', { PackageType: 'Image' });
});

test('the router calls the function of a new kind of handler by its name', () => {
  const template = synthesized();
  const [{ Properties }] = Object.values(
    template.findResources('AWS::Lambda::Function', { Properties: { PackageType: 'Image' } }),
  );
  const call = `functionHandler("resize", {"functionName":"${Properties.FunctionName}","timeoutMs":5000}, 'sync')`;
  expect(entryOf(template, 'Router')).toContain(`"resize": { kind: 'sync', handler: ${call} }`);
  expect(permissionsOf(template, 'Router').join('\n')).toContain('lambda:InvokeFunction');
});

test('the router lists the action of a new kind of handler', () => {
  const template = synthesized();
  template.hasResource('AWS::Lambda::Function', { Metadata: { 'cdk-streamer:actions': { resize: 'sync' } } });
});

test('a function of a new kind of handler must keep the name that the router uses', () => {
  const { app, api } = build({ auth, projectRoot: makeProject({}), handlers });
  const resource = api.handler('resize').function.node.defaultChild as CfnFunction;
  resource.functionName = 'another';
  expect(() => app.synth()).toThrow("must stay 'Test");
});
