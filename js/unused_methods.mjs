/**
 * Leaves methods out of a class that nothing can call: a bundler keeps a class as a whole.
 *
 * A method is kept if its name occurs anywhere in the code that uses the class, in the class outside of
 * methods, or in another method that is kept; as a property, in a text, whatever it belongs to. So one that is
 * called by a computed name alone would be missed, which SlickGrid has none of.
 */
import ts from 'typescript';

const NAME = /[A-Za-z_$][\w$]*/g;
const namesIn = (text) => text.match(NAME) ?? [];

/**
 * Returns a module's text without such methods of one class.
 *
 * @param text The module.
 * @param className The class; its name as a variable counts.
 * @param user The text of all code that uses it. What it overrides without calling `super` is left out, too.
 */
export const withoutUnusedMethods = (text, className, user) => {
  const source = ts.createSourceFile('module.mjs', text, ts.ScriptTarget.Latest, true);
  const found = findClass(source, className);
  if (!found) throw new Error(`there is no class ${className}; has the module changed?`);
  const overridden = [...user.matchAll(/\boverride (\w+)\(/g)].map(([, name]) => name);
  const replaced = new Set(overridden.filter((name) => !user.includes(`super.${name}`)));
  const isMethod = (member) => ts.isMethodDeclaration(member) && ts.isIdentifier(member.name);
  const methods = found.members.filter(isMethod);
  const others = found.members.filter((member) => !isMethod(member));
  const used = new Set([user, ...others.map((member) => member.getText())].flatMap(namesIn));
  const kept = new Set();
  for (let isMore = true; isMore; ) {
    isMore = false;
    for (const method of methods) {
      const name = method.name.text;
      if (kept.has(method) || replaced.has(name) || !used.has(name)) continue;
      kept.add(method);
      for (const each of namesIn(method.getText())) used.add(each);
      isMore = true;
    }
  }
  return methods
    .filter((method) => !kept.has(method))
    .reverse()
    .reduce((left, method) => left.slice(0, method.getFullStart()) + left.slice(method.end), text);
};

const findClass = (node, name) => {
  if (ts.isClassLike(node) && [node.name?.text, node.parent.name?.text].includes(name)) return node;
  return ts.forEachChild(node, (child) => findClass(child, name));
};
