// Publishes standard input as one message and exits with 0 once the broker has acknowledged it.
// usage: node publish.js PORT VERSION(4|5) QOS TOPIC
const mqtt = require('mqtt');

const [port, version, qos, topic] = process.argv.slice(2);
const payload = require('fs').readFileSync(0);
const client = mqtt.connect({ host: '127.0.0.1', port: +port, protocolVersion: +version, reconnectPeriod: 0, clientId: `js-${version}-${qos}` });
client.on('error', fail);
client.on('connect', () => client.publish(topic, payload, { qos: +qos }, error => (error ? fail(error) : client.end(false, () => process.exit(0)))));

function fail(error) {
  console.error(error.message);
  process.exit(1);
}
