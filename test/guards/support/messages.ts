import * as ts from 'typescript';
import { nodesOf, placeOf } from './sources';

/** A warning, error or alarm of a stack, by its id. */
export interface Known {
  readonly id: string;
  readonly place: string;
}

const ANNOTATIONS = new Set(['addWarningV2', 'addInfoV2', 'addErrorV2', 'acknowledgeWarning']);

/** Returns the ids of the annotations and alarms that the code creates. If a part of an id is computed, only the constant beginning counts. */
export function messagesOf(source: ts.SourceFile): Known[] {
  return nodesOf(source).flatMap((node) => {
    const id = annotationId(node) ?? alarmId(node);
    return id === undefined ? [] : [{ id, place: placeOf(node) }];
  });
}

function annotationId(node: ts.Node): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  return ANNOTATIONS.has(node.expression.name.text) ? beginning(node.arguments[0]) : undefined;
}

function alarmId(node: ts.Node): string | undefined {
  const made = ts.isNewExpression(node) && /(^|\.)Alarm$/.test(node.expression.getText());
  return made ? beginning(node.arguments?.[1]) : undefined;
}

function beginning(argument: ts.Expression | undefined): string {
  if (argument && ts.isStringLiteralLike(argument)) return argument.text;
  if (argument && ts.isTemplateExpression(argument)) return argument.head.text.replace(/:$/, '');
  return argument?.getText() ?? '';
}
