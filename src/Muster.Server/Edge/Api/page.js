// Shows the OpenAPI document: operations by noun, their arguments and answers.
const element = (name, text, ...children) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
};

const nameOf = (schema) => {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.oneOf) return schema.oneOf.map(nameOf).join(' or ');
  if (schema.type === 'array') return `list of ${nameOf(schema.items)}`;
  if (schema.enum) return schema.enum.join(' | ');
  return schema.format ?? schema.type ?? 'anything';
};

const resolve = (api, schema) => (schema?.$ref ? api.components.schemas[nameOf(schema)] : schema);

const members = (api, schema) => {
  const found = resolve(api, schema);
  if (!found?.properties) return element('p', nameOf(schema));
  const rows = Object.entries(found.properties).map(([name, type]) =>
    element('tr', '', element('td', '', element('code', name)), element('td', nameOf(type)), element('td', (found.required ?? []).includes(name) ? 'required' : '')));
  return element('table', '', element('thead', '', element('tr', '', element('th', 'name'), element('th', 'type'), element('th', ''))), element('tbody', '', ...rows));
};

const show = (api, path, method, operation) => {
  const title = element('summary');
  const verb = element('span', method.toUpperCase());
  verb.className = 'method';
  title.append(verb, element('code', path), ` ${operation.summary}`);
  const details = element('details', '', title);
  if (operation['x-sensitive']) details.append(element('p', 'Sensitive: granted only by its full name or *.*.'));
  const body = operation.requestBody?.content['application/json']?.schema;
  if (body) details.append(element('h3', `Arguments: ${nameOf(body)}`), members(api, body));
  if (operation.parameters) {
    details.append(element('h3', 'Parameters'), members(api, {
      properties: Object.fromEntries(operation.parameters.map((one) => [one.name, one.schema])),
      required: operation.parameters.filter((one) => one.required).map((one) => one.name),
    }));
  }
  const answer = Object.entries(operation.responses['200']?.content ?? {})[0];
  if (answer) {
    details.append(element('h3', `Answer: ${nameOf(answer[1].schema)} (${answer[0]})`));
    for (const one of answer[1].schema.oneOf ?? [answer[1].schema]) details.append(element('h4', nameOf(one)), members(api, one));
  }
  details.dataset.words = `${path} ${operation.operationId} ${operation.summary}`.toLowerCase();
  return details;
};

const start = async () => {
  const main = document.getElementById('operations');
  const answer = await fetch('/api/openapi.json');
  if (!answer.ok) {
    main.textContent = `The document cannot be read: ${answer.status} ${answer.statusText}`;
    return;
  }
  const api = await answer.json();
  document.getElementById('about').textContent = api.info.description;
  const byNoun = Map.groupBy(
    Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))),
    ({ operation }) => operation.tags[0]);
  main.replaceChildren(...[...byNoun].map(([noun, all]) =>
    element('section', '', element('h2', noun), ...all.map(({ path, method, operation }) => show(api, path, method, operation)))));
  document.getElementById('find').addEventListener('input', ({ target }) => {
    for (const one of main.querySelectorAll('details')) one.hidden = !one.dataset.words.includes(target.value.toLowerCase());
  });
};

start();
