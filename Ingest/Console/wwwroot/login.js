// Logging in, where the service has users. The token goes to the service once and comes back as a cookie that no script can read.

import { get, post, remove } from './api.js';

const $ = id => document.getElementById(id);

// Who is in: { users, name, role }. Waits for the form where nobody is.
export async function signedIn() {
  try {
    return await get('api/v1/session');
  } catch (error) {
    if (error.reason !== 'unauthenticated') throw error;
    return askForToken();
  }
}

// Whether the service no longer knows this browser; false where it does not answer at all.
export const isSignedOut = () => get('api/v1/session').then(() => false, error => error.reason === 'unauthenticated');

export const signOut = () => remove('api/v1/session').finally(() => location.reload());

function askForToken() {
  document.body.classList.add('out');
  $('login').hidden = false;
  $('token').focus();
  $('token-shown').addEventListener('change', () => { $('token').type = $('token-shown').checked ? 'text' : 'password'; });
  return new Promise(done => $('login-form').addEventListener('submit', async event => {
    event.preventDefault();
    say('');
    $('login-button').disabled = true;
    try {
      const session = await post('api/v1/session', { token: $('token').value.trim() });
      $('token').value = '';
      $('login').hidden = true;
      document.body.classList.remove('out');
      done(session);
    } catch (error) {
      say(wrong(error));
      $('token').focus();
      $('token').select();
    } finally {
      $('login-button').disabled = false;
    }
  }));
}

const say = text => {
  $('login-wrong').textContent = text;
  $('login-wrong').hidden = !text;
};

function wrong(error) {
  if (error.reason === 'unauthenticated') return `Not let in: ${error.message}. 未能登录：令牌无效、已过期或已撤销。`;
  return error.reason ? error.message : 'The service does not answer; try again. 服务没有响应，请重试。';
}
