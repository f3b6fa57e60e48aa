#!/usr/bin/python3
"""bridge.py BROKER_PORT SINK_URL: the script that a user would write: paho, json, one rule, a batch each 200 ms. What fails is printed and gone."""
import http.client, json, sys, threading, time, urllib.parse
import paho.mqtt.client as mqtt

port, url = int(sys.argv[1]), urllib.parse.urlsplit(sys.argv[2])
lines, gate = [], threading.Lock()


def on_connect(client, userdata, flags, code):
    client.subscribe("telemetry/v1/#", 1)


def on_message(client, userdata, message):
    p = json.loads(message.payload)
    v = p["values"]
    if v["methane_lel"] >= 20:
        client.publish("alarms/v1/" + p["device"], json.dumps({"device": p["device"], "rule": "leak_high", "value": v["methane_lel"]}), 1)
    line = "gas_valve,device=%s methane_lel=%s,carbon_monoxide=%s,gas_pressure=%s,battery_level=%s,rsrp=%s,seq=%si %s" % (
        p["device"], v["methane_lel"], v["carbon_monoxide"], v["gas_pressure"], v["battery_level"], v["rsrp"], p["seq"], p["ts"])
    with gate:
        lines.append(line)


def write():
    global lines
    connection = None
    while True:
        time.sleep(0.2)
        with gate:
            batch, lines = lines, []
        for i in range(0, len(batch), 5000):
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(url.hostname, url.port)
                connection.request("POST", url.path + "?" + url.query, "\n".join(batch[i:i + 5000]))
                connection.getresponse().read()
            except Exception as error:
                connection = None
                print("lost", len(batch[i:i + 5000]), error, flush=True)


client = mqtt.Client("bridge", clean_session=False)
client.on_connect, client.on_message = on_connect, on_message
client.max_inflight_messages_set(1000)
client.connect("127.0.0.1", port)
threading.Thread(target=write, daemon=True).start()
client.loop_forever()
