/** Case: the buttons of a case: what can be done, the form it needs, and what came of it. Whatever people wrote is text. */

import { body, fields, key, possible, told } from './acts.js';
import { element, words } from './words.js';

/** @typedef {import('./acts.js').Offered} Offered */
/** @typedef {{case_id: string, version: number, offered: Offered[], departments: [string, string][], personal: boolean, lang: string}} Options */

/** @param {HTMLElement} host @param {Options} options */
export function mount(host, options) {
  const acts = new Acts(host, options);
  return { change: (/** @type {Options} */ next) => acts.change(next), remove: () => acts.remove() };
}

class Acts {
  /** @param {HTMLElement} host @param {Options} options */
  constructor(host, options) {
    this.say = words(document);
    this.options = options;
    this.title = element('h2', '', this.say('act.title'));
    this.buttons = element('div', 'acts');
    this.form = /** @type {HTMLFormElement | null} */ (null);
    this.room = element('div', 'act-room');
    this.status = element('p', 'act-status');
    this.status.setAttribute('role', 'status');
    this.personal = element('section', 'personal');
    host.replaceChildren(this.title, this.status, this.room, this.buttons, this.personal);
    this.merging = (/** @type {MouseEvent} */ event) => this.merge(event.target);
    document.addEventListener('click', this.merging);
    this.draw();
    this.offer();
  }

  remove() {
    document.removeEventListener('click', this.merging);
    this.title.parentElement?.replaceChildren();
  }

  /** A button beside a case that is like this one: the form to merge into it. @param {EventTarget | null} target */
  merge(target) {
    const into = target instanceof HTMLElement ? target.dataset.merge : undefined;
    const move = this.options.offered.find((one) => one.name === 'merge');
    if (!into || !move) return;
    this.ask(move);
    const field = this.form?.elements.namedItem('into');
    if (field instanceof HTMLInputElement) field.value = into;
    this.form?.scrollIntoView({ block: 'nearest' });
  }

  get address() {
    return `/api/v1/cases/${encodeURIComponent(this.options.case_id)}`;
  }

  /** The case has moved, or somebody may do other things now. A form that is open stays: its sender is told who won.
   * @param {Options} next */
  change(next) {
    const same = JSON.stringify(next.offered) === JSON.stringify(this.options.offered);
    this.options = next;
    if (!same) this.draw();
  }

  draw() {
    const known = this.options.offered.filter(possible);
    const buttons = known.map((move) => {
      const button = element('button', 'act', move.words);
      button.type = 'button';
      button.dataset.move = move.name;
      button.addEventListener('click', () => this.ask(move));
      return button;
    });
    this.buttons.replaceChildren(...(buttons.length ? buttons : [element('p', 'lead', this.say('act.none'))]));
  }

  /** @param {Offered} move */
  ask(move) {
    this.tell('', '');
    const form = element('form', 'act-form');
    form.dataset.move = move.name;
    form.append(element('h3', '', move.words));
    const inputs = fields(move).map((field) => this.field(field));
    form.append(...inputs);
    const send = element('button', 'act main', this.say('act.send'));
    const cancel = element('button', 'act', this.say('act.cancel'));
    cancel.type = 'button';
    cancel.addEventListener('click', () => this.close());
    const row = element('div', 'act-row');
    row.append(send, cancel);
    form.append(row);
    const sending = { version: this.options.version, key: key(crypto) };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send(move, form, sending);
    });
    this.room.replaceChildren(form);
    this.form = form;
    /** @type {HTMLElement | null} */ (form.querySelector('input, textarea, select, button'))?.focus();
  }

  close() {
    this.room.replaceChildren();
    this.form = null;
  }

  /** @param {import('./acts.js').Field} field */
  field(field) {
    const label = element('label', 'act-field');
    const needed = field.name === 'note' && field.needed ? 'act.note.needed' : `act.${field.name}`;
    label.append(element('span', '', this.say(needed)));
    label.append(this.input(field));
    return label;
  }

  /** @param {import('./acts.js').Field} field */
  input(field) {
    const made = field.kind === 'long' || field.kind === 'lines' ? element('textarea', '') : field.kind === 'yesno' ? element('select', '') : element('input', '');
    made.name = field.name;
    made.required = field.needed;
    if (made instanceof HTMLInputElement) this.refine(made, field);
    if (made instanceof HTMLSelectElement) {
      for (const value of ['', 'yes', 'no']) made.append(new Option(value ? this.say(`cases.${value}`) : '', value));
    }
    return made;
  }

  /** @param {HTMLInputElement} input @param {import('./acts.js').Field} field */
  refine(input, field) {
    input.type = { number: 'number', moment: 'datetime-local', photo: 'file' }[/** @type {string} */ (field.kind)] ?? 'text';
    input.autocomplete = 'off';
    if (field.kind === 'number') Object.assign(input, { min: field.from, max: field.to, step: 'any' });
    if (field.kind === 'photo') Object.assign(input, { accept: 'image/jpeg,image/png,image/webp', multiple: true });
    if (field.kind === 'choice') {
      const list = element('datalist', '');
      list.id = 'departments';
      for (const [value, name] of this.options.departments) list.append(new Option(name, value));
      this.room.parentElement?.querySelector('#departments')?.remove();
      this.room.after(list);
      input.setAttribute('list', 'departments');
    }
  }

  /** @param {Offered} move @param {HTMLFormElement} form @param {{version: number, key: string}} sending */
  async send(move, form, sending) {
    const buttons = form.querySelectorAll('button');
    buttons.forEach((button) => (button.disabled = true));
    this.tell('sending', this.say('act.sending'));
    const answer = await this.sent(move, form, sending).catch(() => told(0, null, this.say, move));
    buttons.forEach((button) => (button.disabled = false));
    this.tell(answer.kind, answer.words);
    if (answer.version !== undefined) this.options = { ...this.options, version: answer.version };
    if (answer.kind === 'done' || answer.kind === 'lost') this.close();
  }

  /** Photos first: the move names them. @param {Offered} move @param {HTMLFormElement} form @param {{version: number, key: string}} sending */
  async sent(move, form, sending) {
    /** @type {Record<string, string>} */
    const values = {};
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') values[name] = value;
    const photos = [...form.querySelectorAll('input[type=file]')].flatMap((input) => [.../** @type {HTMLInputElement} */ (input).files ?? []]);
    const proof = [];
    for (const photo of photos) {
      const stored = await fetch(`${this.address}/files?kind=after&name=${encodeURIComponent(photo.name)}&lang=${this.options.lang}`, { method: 'POST', body: photo });
      const said = await stored.json();
      if (!stored.ok) return told(stored.status, said, this.say, move);
      proof.push(said.file.sha256);
      // Our own photo is an entry too. Were it not the next one, somebody else has moved the case, and is to be heard of.
      if (said.version === sending.version + 1) sending.version = said.version;
    }
    const answer = await fetch(`${this.address}/moves?lang=${this.options.lang}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body(move, sending.version, sending.key, values, proof)),
    });
    return told(answer.status, await answer.json().catch(() => null), this.say, move);
  }

  /** Names and numbers of people are fetched only when somebody says so, and are not kept. */
  offer() {
    if (!this.options.personal) return;
    const button = element('button', 'act', this.say('personal.show'));
    button.type = 'button';
    button.addEventListener('click', async () => {
      const answer = await fetch(`${this.address}?personal=1&lang=${this.options.lang}`);
      const said = await answer.json();
      if (!answer.ok) return this.tell('refused', said.error);
      const rows = Object.entries(said.personal).flatMap(([name, value]) => [element('dt', '', this.say(`personal.${name}`)), element('dd', '', String(value))]);
      const list = element('dl', 'case-who');
      list.append(...rows);
      this.personal.replaceChildren(rows.length ? list : element('p', 'lead', this.say('personal.none')));
    });
    this.personal.replaceChildren(button);
  }

  /** @param {string} kind @param {string} said */
  tell(kind, said) {
    this.status.dataset.kind = kind;
    this.status.textContent = said;
  }
}
