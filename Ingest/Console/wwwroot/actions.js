// What an operator may do to an alarm in the state in which it stands, and what each action asks for. The service has the last word.

const minute = 60000;
const ends = [[10, '10 min'], [30, '30 min'], [60, '1 h'], [120, '2 h'], [240, '4 h'], [480, '8 h']];

const reason = { name: 'reason', label: 'Why', zh: '原因', required: true };
const comment = { name: 'comment', label: 'Comment, if any', zh: '备注' };
// What is critical is hidden for 30 min at most, and by two.
const until = alarm => ({
  name: 'until', label: 'For', zh: '时长', required: true,
  options: ends.filter(([minutes]) => alarm.severity !== 'critical' || minutes <= 30).map(([minutes, text]) => [minutes, text]),
  value: minutes => Date.now() + Number(minutes) * minute - 1000,
});
const second = alarm => alarm.severity === 'critical' ? [{ name: 'second', label: 'Second person', zh: '第二人', required: true }] : [];

const known = {
  'acknowledge': { text: 'Acknowledge', zh: '确认', fields: () => [comment] },
  'reset': {
    text: 'Reset…', zh: '复位', fields: () => [
      { name: 'comment', label: 'What was found and done', zh: '现场情况与处置', required: true },
      { name: 'place', label: 'Place, if someone was there', zh: '地点' },
      { name: 'checkedOnSite', label: 'Checked on site', zh: '已现场核实', check: true },
    ],
  },
  'accept': { text: 'Accept: I am going', zh: '接单', fields: () => [comment] },
  'decline': { text: 'Decline', zh: '退单', fields: () => [comment] },
  'on-site': { text: 'On site', zh: '已到场', fields: () => [comment] },
  'done': { text: 'Done', zh: '处置完成', fields: () => [comment] },
  'assign': { text: 'Assign…', zh: '派单', fields: () => [{ name: 'to', label: 'To whom', zh: '派给', required: true }] },
  'false-alarm': { text: 'False alarm…', zh: '误报', fields: () => [{ ...reason, label: 'What it was instead', zh: '实际情况' }] },
  'comment': { text: 'Comment…', zh: '备注', fields: () => [{ ...comment, required: true, label: 'Comment' }] },
  'shelve': { text: 'Shelve…', zh: '搁置', fields: alarm => [reason, until(alarm), ...second(alarm)] },
  'unshelve': { text: 'Unshelve', zh: '取消搁置', fields: () => [comment] },
  'suppress': { text: 'Suppress…', zh: '抑制', fields: alarm => [reason, until(alarm), ...second(alarm)] },
  'unsuppress': { text: 'End suppression', zh: '取消抑制', fields: () => [comment] },
  'out-of-service': {
    text: 'Out of service…', zh: '停用', fields: () => [
      reason,
      { name: 'permit', label: 'Permit number', zh: '作业票号', required: true },
      { name: 'watch', label: 'What stands watch instead', zh: '替代监视措施', required: true },
    ],
  },
  'return-to-service': { text: 'Return to service', zh: '恢复使用', fields: () => [comment] },
};

export const actionOf = name => known[name];

// The first is the button; the rest stand in the menu.
export function possible(alarm) {
  const first = alarm.state.endsWith('_unacknowledged') ? ['acknowledge'] : alarm.state === 'latched_acknowledged' ? ['reset'] : [];
  const off = !alarm.overlay ? [] : alarm.overlay.state === 'shelved' ? ['unshelve'] : alarm.overlay.state === 'suppressed' ? ['unsuppress'] : ['return-to-service'];
  const response = !alarm.acceptedBy ? ['accept'] : [...(alarm.onSiteAt ? [] : ['on-site']), ...(alarm.doneAt ? [] : ['done']), 'decline'];
  const on = { out_of_service: [], shelved: ['out-of-service'], suppressed: ['shelve', 'out-of-service'] }[alarm.state] ?? ['shelve', 'suppress', 'out-of-service'];
  return [...first, ...off, ...response, 'assign', 'false-alarm', 'comment', ...on];
}
