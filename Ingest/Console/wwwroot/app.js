// The page: joins the live stream, the alarm table and the device panel.

import { actionOf } from './actions.js';
import { AlarmTable } from './alarms.js';
import { get, post } from './api.js';
import { DevicePanel } from './device.js';
import { severities, timeText, titleText } from './format.js';
import { Live } from './live.js';
import { LoadLine } from './load.js';
import { isSignedOut, signedIn, signOut } from './login.js';
import { UnknownDevices } from './unknown.js';

const $ = id => document.getElementById(id);
let families = [];

// --- the banner: first the lost connection, then a log that takes nothing, then the last failed action
const trouble = { lost: '', log: '', action: '', load: '' };
function say(kind, text) {
  trouble[kind] = text;
  const shown = trouble.lost || trouble.log || trouble.action || trouble.load;
  $('banner').textContent = shown;
  $('banner').hidden = !shown;
  document.body.classList.toggle('stale', trouble.lost !== '');
}
async function attempt(what, work) {
  try {
    await work();
    say('action', '');
  } catch (error) {
    say('action', `${what} failed: ${error.message}`);
  }
}

// --- who acts: the user, or without users whoever gives a name
async function whoIsIt() {
  while (true) {
    try {
      const known = await signedIn();
      say('lost', '');
      return known;
    } catch (error) {
      say('lost', `The service cannot be asked: ${error.message}`);
      await new Promise(again => setTimeout(again, 2000));
    }
  }
}
const session = await whoIsIt();
$('name-label').hidden = $('ask-name-label').hidden = session.users;
$('ask-name').required = !session.users;
$('user').hidden = !session.users;
$('user-name').textContent = session.name ?? '';
$('user-role').textContent = session.role;
document.body.classList.toggle('viewer', session.role === 'viewer');
document.body.classList.toggle('engineer', ['engineer', 'administrator'].includes(session.role));
$('logout').addEventListener('click', signOut);
$('name').value = localStorage.getItem('name') ?? '';
$('name').addEventListener('change', () => localStorage.setItem('name', $('name').value.trim()));

function inputOf(field) {
  const label = document.createElement('label');
  const text = document.createElement('span');
  text.textContent = `${field.label} ${field.zh ?? ''}`;
  let input;
  if (field.options) {
    input = document.createElement('select');
    input.append(...field.options.map(([value, shown]) => new Option(shown, value)));
  } else {
    input = document.createElement(field.name === 'comment' || field.name === 'reason' ? 'textarea' : 'input');
    if (field.check) { input.type = 'checkbox'; label.className = 'check'; }
    else input.maxLength = 2000;
  }
  if (field.initial) input.value = field.initial;
  input.name = field.name;
  input.required = Boolean(field.required);
  label.append(text, input);
  return label;
}

// Asks for what the action needs; null if the operator thinks better of it.
function ask(title, fields) {
  const dialog = $('ask');
  $('ask-title').textContent = title;
  $('ask-fields').replaceChildren(...fields.map(inputOf));
  $('ask-name').value = $('name').value;
  dialog.returnValue = 'cancel';
  dialog.showModal();
  return new Promise(done => dialog.addEventListener('close', () => {
    if (dialog.returnValue !== 'ok') return done(null);
    const body = {};
    for (const field of fields) {
      const input = $('ask-fields').querySelector(`[name=${field.name}]`);
      const value = field.check ? input.checked || undefined : input.value.trim() || undefined;
      if (value !== undefined) body[field.name] = field.value ? field.value(value) : value;
    }
    if (session.users) return done(body);
    $('name').value = $('ask-name').value.trim();
    localStorage.setItem('name', $('name').value);
    done({ by: $('name').value, ...body });
  }, { once: true }));
}

async function act(alarm, action) {
  const { text, fields } = actionOf(action);
  const by = $('name').value.trim();
  // Seen is one touch: it asks for nothing but a name that is not known yet.
  const body = action === 'acknowledge' && (session.users || by) ? session.users ? {} : { by } : await ask(`${text.replace('…', '')}: ${titleText(alarm)}, ${alarm.device}`, fields(alarm));
  if (body) await attempt(`${action} of ${alarm.device}`, async () => table.set(await post(`api/v1/alarms/${alarm.id}/${action}`, body)));
}

// --- the table
const table = new AlarmTable({ body: $('rows'), more: $('more'), empty: $('empty'), counts: $('counts'), overlays: $('overlays') }, {
  act,
  choose: alarm => { table.choose(alarm); showDevice(alarm.device, alarm); },
});
$('kind').addEventListener('change', () => table.filter({ kind: $('kind').value }));
$('family').addEventListener('change', () => table.filter({ family: $('family').value }));
$('text').addEventListener('input', () => table.filter({ text: $('text').value.trim() }));

// --- the device
const panel = new DevicePanel(
  { about: $('about'), channel: $('channel'), ranges: $('ranges'), latest: $('latest'), chart: $('chart') },
  () => families);

const showDevice = (id, alarm) => attempt(`showing ${id}`, async () => {
  $('device').value = id;
  live.follow(id);
  await panel.show(id, alarm);
});
$('pick').addEventListener('submit', event => {
  event.preventDefault();
  table.choose(null);
  showDevice($('device').value.trim(), null);
});
$('device').addEventListener('input', async () => {
  const text = $('device').value.trim();
  if (!text) return;
  // Ids are in order: those that begin with the text come right after it.
  const { items } = await get('api/v1/devices', { after: text, limit: 20 }).catch(() => ({ items: [] }));
  if (text !== $('device').value.trim()) return;
  $('devices').replaceChildren(...items.filter(device => device.id.startsWith(text)).map(device => {
    const option = document.createElement('option');
    option.value = device.id;
    option.label = [device.family, device.street].filter(Boolean).join(' · ');
    return option;
  }));
});

// --- new alarms, spoken: at most one sentence in three seconds
let news = [];
setInterval(() => {
  if (news.length === 0) return;
  news.sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  const [first] = news;
  $('announce').textContent = `${news.length === 1 ? 'New alarm' : `${news.length} new alarms, first`}: ${first.severity}, ${titleText(first)}, ${first.device}`;
  news = [];
}, 3000);

// --- figures
const rates = [];
let before = null;
function figure(id, value, abnormal) {
  $(id).textContent = value.toLocaleString('en');
  $(id).classList.toggle('abnormal', abnormal);
}
function showStats(stats) {
  const now = Date.parse(stats.time);
  if (before && now > before.now && stats.received >= before.stats.received) {
    rates.push((stats.received - before.stats.received) * 1000 / (now - before.now));
    if (rates.length > 60) rates.shift();
    $('rate').textContent = Math.round(rates.at(-1)).toLocaleString('en');
    drawSpark();
  }
  const total = Object.values(stats.rejected).reduce((sum, count) => sum + count, 0);
  const rejectedNow = before !== null && total > before.total;
  before = { now, stats, total };
  // A second's worth of entries at full load is normal; ten of them are not.
  const usual = Math.max(2000, 10 * (rates.at(-1) ?? 0));
  figure('rules-behind', Math.max(0, stats.logPosition - stats.rulesPosition), stats.logPosition - stats.rulesPosition > usual);
  figure('store-behind', Math.max(0, stats.logPosition - stats.storePosition), stats.logPosition - stats.storePosition > 3 * usual);
  figure('rejected', total, rejectedNow);
  $('demo').hidden = !stats.demo;
  say('log', stats.logUnwritable ? `The log takes no readings: ${stats.logUnwritable}. Gateways keep their data; alarms may be late.` : '');
}
function drawSpark() {
  const canvas = $('spark');
  const context = canvas.getContext('2d');
  const top = Math.max(1, ...rates);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--trace');
  context.lineWidth = 1.5;
  context.beginPath();
  rates.forEach((rate, index) => context.lineTo(canvas.width - (rates.length - 1 - index) * 2, canvas.height - 2 - rate / top * (canvas.height - 4)));
  context.stroke();
}
setInterval(() => { $('clock').textContent = timeText(Date.now()); }, 1000);

new LoadLine(
  { line: $('load'), position: $('load-position'), tenMinutes: $('load-10m'), day: $('load-24h'), standing: $('load-standing'), stale: $('load-stale'), shelved: $('load-shelved'), flood: $('load-flood') },
  message => say('load', message && `The load cannot be read: ${message}`));

new UnknownDevices(
  { section: $('unknown'), count: $('unknown-count'), rows: $('unknown-rows'), said: $('unknown-said') },
  { families: () => families, ask, attempt });

// --- the stream
const live = new Live();
let lostAt = Date.now();
const lost = () => say('lost', `Connection lost at ${timeText(lostAt)}: what stands here is old. 连接中断，数据已过时。`);
live.addEventListener('up', () => { say('lost', ''); $('link').textContent = 'live'; panel.refresh(); });
live.addEventListener('down', () => { lostAt = Date.now(); $('link').textContent = 'lost'; lost(); leaveIfSignedOut(); });
// A token that was revoked ends the stream: the form then stands here again.
async function leaveIfSignedOut() {
  if (session.users && await isSignedOut()) location.reload();
}
live.addEventListener('stats', event => showStats(event.detail));
live.addEventListener('reading', event => panel.hear(event.detail));
live.addEventListener('alarm', event => {
  if (pending) pending.push(event.detail);
  else if (table.set(event.detail)) news.push(event.detail);
});

// What the stream says while the list is under way is applied after it, in order: the list may be older.
let pending = null;
live.addEventListener('reload', async () => {
  if (pending) return;
  pending = [];
  try {
    table.replace(await get('api/v1/alarms', { state: 'open' }));
    say('lost', '');
  } catch (error) {
    say('lost', `The alarms cannot be read: ${error.message}`);
    setTimeout(() => live.dispatchEvent(new Event('reload')), 2000);
  }
  const missed = pending;
  pending = null;
  missed.forEach(alarm => table.set(alarm));
});

async function loadFamilies() {
  families = await get('api/v1/families');
  $('family').append(...families.map(family => new Option(`${family.title.en} · ${family.title.zh}`, family.family)));
  const wanted = new URLSearchParams(location.search).get('device');
  if (wanted) await showDevice(wanted, null);
}
attempt('reading the families', loadFamilies);
