// Publishes a pack as the SDK of Arduino IoT Cloud writes it, at QoS 1, and exits with 0 once the broker has acknowledged it.
// usage: node senml.js PORT TOPIC FORM(json|cbor) DEVICE SECONDS VALUES(JSON)
const { SenML } = require('arduino-iot-js');
const mqtt = require('mqtt');

const [port, topic, form, device, seconds, values] = process.argv.slice(2);
const pack = Object.entries(JSON.parse(values)).map(([name, value]) => SenML.parse(name, value, +seconds, false, device));
const payload = form === 'cbor' ? Buffer.from(SenML.CBOR.encode(pack)) : JSON.stringify(pack);
const client = mqtt.connect({ host: '127.0.0.1', port: +port, reconnectPeriod: 0 });
client.on('error', fail);
client.on('connect', () => client.publish(topic, payload, { qos: 1 }, error => (error ? fail(error) : client.end(false, () => process.exit(0)))));

function fail(error) {
  console.error(error.message);
  process.exit(1);
}
