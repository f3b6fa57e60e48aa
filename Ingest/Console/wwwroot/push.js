// This browser as a way to a person: asks for leave, subscribes, and says what it is told. The service's worker shows what comes.

const worker = '/worker.js';
const bytesOf = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), sign => sign.charCodeAt(0));

/// Why this browser can show nothing, or its subscription's address, or nothing.
export async function state() {
  if (!isSecureContext) return { problem: 'insecure' };
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return { problem: 'unable' };
  const registration = await navigator.serviceWorker.getRegistration(worker);
  const subscription = await registration?.pushManager.getSubscription();
  return { problem: Notification.permission === 'denied' ? 'denied' : null, endpoint: subscription?.endpoint ?? null };
}

export async function subscribe(key) {
  try {
    if (await Notification.requestPermission() !== 'granted') return { problem: 'denied' };
    await navigator.serviceWorker.register(worker);
    const { pushManager } = await navigator.serviceWorker.ready;
    // One for another key would be taken by nobody.
    const before = await pushManager.getSubscription();
    if (before && keyOf(before) !== key) await before.unsubscribe();
    const { endpoint, keys } = (await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) })).toJSON();
    return { problem: null, endpoint, p256dh: keys.p256dh, auth: keys.auth };
  } catch (error) {
    return { problem: error.message };
  }
}

export async function unsubscribe() {
  const registration = await navigator.serviceWorker.getRegistration(worker);
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

function keyOf(subscription) {
  const key = subscription.options.applicationServerKey;
  return key ? btoa(String.fromCharCode(...new Uint8Array(key))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') : null;
}
