// An edge node of sparkplug-client (Cirrus Link) with one device. Lines of standard input: a JSON object of the device's values to publish; "die" ends the device.
// Standard output: "born" for each birth, "sent" for each line. At the end of the input the node publishes its death and leaves.
// usage: node sparkplug.js PORT GROUP NODE DEVICE VALUES(JSON, of the births)
const { newClient } = require('sparkplug-client');

const [port, groupId, edgeNode, device, births] = process.argv.slice(2);
let values = JSON.parse(births);
const client = newClient({ serverUrl: `mqtt://127.0.0.1:${port}`, username: '', password: '', groupId, edgeNode, clientId: `${groupId}-${edgeNode}`, publishDeath: true, version: 'spBv1.0' });

const type = value => ({ boolean: 'Boolean', string: 'String', number: 'Double' })[typeof value];
const metrics = (timestamp, of) => Object.entries(of).map(([name, value]) => ({ name, type: type(value), value, timestamp }));

function birth() {
  const timestamp = Date.now();
  client.publishNodeBirth({ timestamp, metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: false, timestamp }] });
  client.publishDeviceBirth(device, { timestamp, metrics: metrics(timestamp, values) });
  console.log('born');
}

client.on('birth', birth);
client.on('ncmd', payload => {
  console.log('asked ' + payload.metrics.map(metric => `${metric.name}=${metric.value}`).join(','));
  birth();
});
client.on('error', error => { console.error(error.message); process.exit(1); });

const input = require('readline').createInterface({ input: process.stdin });
input.on('line', line => {
  const timestamp = Date.now();
  if (line === 'die') {
    client.publishDeviceDeath(device, { timestamp, metrics: [] });
  } else {
    const changed = JSON.parse(line);
    values = { ...values, ...changed };
    client.publishDeviceData(device, { timestamp, metrics: metrics(timestamp, changed) });
  }
  console.log('sent');
});
input.on('close', () => { client.stop(); setTimeout(() => process.exit(0), 500); });
