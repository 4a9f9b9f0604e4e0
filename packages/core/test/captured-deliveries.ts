/**
 * Deliveries of Asana's with the secret and signature they came with, as other projects published them.
 */
export const capturedDeliveries = [
  {
    // github.com/fusebit/integrations, src/asana/asana-connector/test/sampleData.ts at b78068a0b (2021-11-08)
    title: 'a task completed in 2021',
    secret: 'cfecd97ea57de2b55a0a1a343c16fe3e',
    signature: '11c89fb59db2a2cfe5eef26a3d7dc77d3ad0bbdd7f23700d7aff2fe6ff8e2581',
    names: ['task.changed.completed', 'task.changed.completed_at'],
    body:
      '{"events":[{"user":{"gid":"1198829643564474","resource_type":"user"},"created_at":"2021-10-29T02:44:21.987Z",' +
      '"action":"changed","parent":null,"change":{"field":"completed","action":"changed"},"resource":' +
      '{"gid":"1199170056173519","resource_type":"task","resource_subtype":"default_task"}},{"user":' +
      '{"gid":"1198829643564474","resource_type":"user"},"created_at":"2021-10-29T02:44:21.987Z","action":"changed",' +
      '"resource":{"gid":"1199170056173519","resource_type":"task","resource_subtype":"default_task"},"parent":null,' +
      '"change":{"field":"completed_at","action":"changed"}}]}',
  },
  {
    // github.com/EyalRonel/asana-webhooks-manager, tests/controllers/EventsController.test.js at fc49346 (2017-04-12)
    title: 'a heartbeat of 2017',
    secret: '511bbb3e37c2f779ee27de6a69578336',
    signature: '137fc7e5e4e8b77acbc98a9d51645cab8a427844edb8de79a14e61e455972eda',
    names: [],
    body: '{"events":[]}',
  },
] as const;
