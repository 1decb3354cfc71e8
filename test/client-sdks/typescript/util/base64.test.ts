import * as fc from 'fast-check';
import { base64url } from '../../../../client-sdks/typescript/src/util/base64';

test('bytes are written as base64url without padding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(base64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
    }),
  );
});
