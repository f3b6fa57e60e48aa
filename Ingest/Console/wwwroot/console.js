// What only the browser can do for the page: notice that nothing comes any more, make sounds, keep choices, log in and out.

const $ = id => document.getElementById(id);
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const deadAfter = 5000;

// --- alive: the service says so each second; this page covers itself when it does not
let heardAt = Date.now();
let language = document.documentElement.lang;
let loudest = '';

export function alive(_, severity, spoken) {
  heardAt = Date.now();
  document.documentElement.dataset.live = 'true';
  if (severity !== loudest) repeatAt = 0;
  loudest = severity;
  language = spoken;
  document.documentElement.lang = spoken;
}

function watch() {
  const cover = $('not-live');
  if (!cover || !document.querySelector('header.top')) return;
  const dead = Date.now() - heardAt > deadAfter;
  if (dead) delete document.documentElement.dataset.live;
  if (dead) {
    const since = clock.format(heardAt);
    cover.textContent = language === 'zh' ? `画面已停止，自 ${since} 起不再更新 · NOT LIVE since ${since}` : `NOT LIVE since ${since} · 画面已停止更新`;
    loudest = 'dead';
  } else if (loudest === 'dead') {
    loudest = '';
  }
  cover.hidden = !dead;
  document.body.classList.toggle('dead', dead);
  sound();
}

// --- sound: a pattern a severity, repeated until someone has seen or silenced it
const patterns = {
  critical: { notes: [880, 660, 880, 660], length: 0.16, every: 2000 },
  high: { notes: [740, 740], length: 0.18, every: 8000 },
  medium: { notes: [520], length: 0.2, every: 30000 },
  low: { notes: [440], length: 0.12, every: 120000 },
  dead: { notes: [300, 220], length: 0.4, every: 5000 },
  test: { notes: [520, 660, 880], length: 0.15 },
};
let audio = null;
let repeatAt = 0;

function play({ notes, length }) {
  audio ??= new AudioContext();
  if (audio.state !== 'running') return;
  notes.forEach((pitch, index) => {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const from = audio.currentTime + index * length * 1.3;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, from);
    loudness.gain.exponentialRampToValueAtTime(0.25, from + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, from + length);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length);
  });
}

function sound() {
  audio ??= new AudioContext();
  const bar = $('sound-blocked');
  if (bar) bar.hidden = audio.state === 'running';
  const pattern = patterns[loudest];
  if (!pattern || Date.now() < repeatAt) return;
  repeatAt = Date.now() + pattern.every;
  play(pattern);
}

export async function testSound() {
  audio ??= new AudioContext();
  await audio.resume();
  play(patterns.test);
}

document.addEventListener('click', event => {
  if (event.target.closest('#sound-blocked')) testSound();
  else audio?.resume();
});

// --- copy: a browser without TLS gives no clipboard to a script, but copies what is selected
document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const field = $(button.dataset.copy);
  field.select();
  try {
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else if (!document.execCommand('copy')) return;
    button.nextElementSibling.textContent = button.dataset.copied;
  } catch {
    // Not allowed: it stands selected, to be copied by hand.
  }
});

// --- rows: the arrows move from one to the next, and do not scroll the page away beneath them
document.addEventListener('keydown', event => {
  const row = event.target.closest?.('[data-rows] tr');
  if (!row || event.target !== row || !['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return;
  event.preventDefault();
  const rows = [...row.parentElement.children];
  const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, Home: rows[0], End: rows.at(-1) }[event.key];
  next?.focus();
});

// --- choices: cookies, so that the next page comes as this one looks
const keep = (name, value) => { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=strict`; };

export function choose(lang, dark, name) {
  keep('tlm_language', lang);
  keep('tlm_theme', dark ? 'dark' : 'light');
  keep('tlm_name', name);
  document.documentElement.lang = language = lang;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

// --- in and out
const wasLive = 'tlm_live';

export async function logOut() {
  await fetch('/api/v1/session', { method: 'DELETE', headers: { 'Content-Type': 'application/json' } });
  sessionStorage.removeItem(wasLive);
  location.assign('/login');
}

// A page that was live and comes back to the login by itself (12 h, a restart, a lock) hears no alarm any more: it sounds as one that is not live, until somebody is in again or says that it may be.
function unheard() {
  const bar = $('unheard');
  bar.hidden = false;
  loudest = 'dead';
  const sounding = setInterval(sound, 500);
  bar.querySelector('button').addEventListener('click', () => {
    clearInterval(sounding);
    sessionStorage.removeItem(wasLive);
    bar.hidden = true;
  });
}

// The forms' buttons wait for this script: sent by the browser itself, a password would stand in the address.
function logIn(form) {
  $('name').focus();
  $('token-shown').addEventListener('change', () => { $('token').type = $('token-shown').checked ? 'text' : 'password'; });
  form.addEventListener('submit', async event => {
    event.preventDefault();
    say('');
    $('login-button').disabled = true;
    try {
      const answer = await fetch('/api/v1/session', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify($('token').value ? { token: $('token').value.trim() } : { name: $('name').value, password: $('password').value }) });
      if (answer.ok) { location.assign((await answer.json()).mustChangePassword ? '/password' : '/'); return; }
      const problem = await answer.json();
      say(problem.reason === 'unauthenticated' ? `Not let in: ${problem.detail}. 未能登录：用户名、密码或令牌有误，或已失效。` : problem.detail);
      ($('token').value ? $('token') : $('password')).select();
    } catch {
      say('The service does not answer; try again. 服务没有响应，请重试。');
    } finally {
      $('login-button').disabled = false;
    }
  });
  $('login-button').disabled = false;
}

function setPassword(form) {
  $('current').focus();
  form.addEventListener('submit', async event => {
    event.preventDefault();
    say($('next').value === $('again').value ? '' : 'The two differ. 两次输入不一致。');
    if ($('next').value !== $('again').value) return;
    $('login-button').disabled = true;
    try {
      const answer = await fetch('/api/v1/account/password', { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ current: $('current').value, next: $('next').value }) });
      if (answer.ok) { location.assign('/'); return; }
      say((await answer.json()).detail);
    } catch {
      say('The service does not answer; try again. 服务没有响应，请重试。');
    } finally {
      $('login-button').disabled = false;
    }
  });
  $('login-button').disabled = false;
}

function say(text) {
  $('login-wrong').textContent = text;
  $('login-wrong').hidden = !text;
}

export const printPage = () => print();

// --- a text field: the caret to where a mistake stands
export function goTo(area, line, column) {
  const lines = area.value.split('\n');
  const from = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  area.focus();
  area.setSelectionRange(from + column - 1, from + (lines[line - 1] ?? '').length);
  area.scrollTop = (line - 5) * parseFloat(getComputedStyle(area).lineHeight);
}

// --- the live connection: kept up for as long as the page stands; a service that knows it no more gives a new one
async function reconnect() {
  while (true) {
    try {
      if (await Blazor.reconnect()) return;
      location.reload();
      return;
    } catch {
      // Without a session the service takes no connection.
      if ((await fetch('/api/v1/session').catch(() => null))?.status === 401) { location.assign('/login'); return; }
      await new Promise(again => setTimeout(again, 1000));
    }
  }
}

if ($('login-form')) {
  logIn($('login-form'));
  if (sessionStorage.getItem(wasLive)) unheard();
} else if ($('password-form')) {
  setPassword($('password-form'));
} else if (!window.telemetryStarted) {
  // The module is asked for twice, by the document and by the page.
  window.telemetryStarted = true;
  sessionStorage.setItem(wasLive, 'true');
  Blazor.start({
    circuit: {
      configureSignalR: builder => builder.withUrl('_blazor', { skipNegotiation: true, transport: 1 }).withServerTimeout(30000).withKeepAliveInterval(5000),
      reconnectionHandler: { onConnectionDown: reconnect, onConnectionUp: () => {} },
    },
  });
  setInterval(watch, 500);
}
