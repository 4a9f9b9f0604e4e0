import { checkCapturedDeliveries } from '../../testing/test/captured-delivery-checks.js';
import { expressAdapter, versions } from './express-adapter.js';

for (const [name, express] of versions) checkCapturedDeliveries(name, expressAdapter(express));
