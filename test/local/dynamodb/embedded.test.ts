import { startDynamoDb } from '../../../local/dynamodb';
import { conformance } from './conformance';

conformance('The embedded DynamoDB', () => startDynamoDb({ timeToLiveSweepMs: 20 }));
