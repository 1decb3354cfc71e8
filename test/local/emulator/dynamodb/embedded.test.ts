import { startDynamoDb } from '../../../../local/emulator/dynamodb';
import { conformance } from './conformance';

conformance('The embedded DynamoDB', () => startDynamoDb({ timeToLiveSweepMs: 20 }));
