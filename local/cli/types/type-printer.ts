import type { CheckedModule, TypeScript } from './compiler';

type Type = import('typescript').Type;
type Symbol_ = import('typescript').Symbol;
type TypeChecker = import('typescript').TypeChecker;

/** Maximum depth of a type. A type that is deeper than this grows at each step without end. */
const MAX_DEPTH = 60;

/**
 * Prints types without the names of the modules that declare them. It replaces aliases, interfaces and enums by their
 * content; types of ECMAScript keep their names. For a type that contains itself, it prints a separate declaration.
 */
export class TypePrinter {
  /** Declarations of types that contain themselves. */
  public readonly declarations: string[] = [];
  private readonly ts: TypeScript;
  private readonly checker: TypeChecker;
  private readonly open: Type[] = [];
  private readonly names = new Map<Type, string>();
  private readonly program: CheckedModule['program'];

  public constructor(module: CheckedModule) {
    this.ts = module.ts;
    this.program = module.program;
    this.checker = module.program.getTypeChecker();
  }

  /**
   * Prints a type.
   *
   * @param place location of the type, for error messages
   * @throws Error for values that a message cannot contain: functions and Node.js objects
   */
  public print(type: Type, place: string): string {
    const { ts } = this;
    if (type.flags & ts.TypeFlags.EnumLiteral && !type.isUnion()) return this.enumValue(type);
    if (type.isUnion()) return this.union(type.types, place);
    if (type.isIntersection() && !type.types.every((part) => part.flags & ts.TypeFlags.Object)) {
      return type.types.map((part) => parenthesized(this.print(part, place))).join(' & ');
    }
    if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return this.composite(type, place);
    if (type.flags & ts.TypeFlags.NonPrimitive) return 'object';
    if (type.flags & (ts.TypeFlags.Instantiable & ~(ts.TypeFlags.TemplateLiteral | ts.TypeFlags.StringMapping))) {
      return 'unknown';
    }
    return this.checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  }

  private enumValue(type: Type): string {
    const value = (type as import('typescript').LiteralType).value;
    return value === undefined ? 'number' : JSON.stringify(value);
  }

  /**
   * Prints a union in the order of the printed strings. The compiler's order depends on the types that it has processed
   * before.
   */
  private union(types: readonly Type[], place: string): string {
    const printed = new Set(types.map((type) => this.print(type, place)));
    if (printed.has('true') && printed.has('false')) {
      printed.delete('true');
      printed.delete('false');
      printed.add('boolean');
    }
    const last = ['null', 'undefined'].filter((name) => printed.delete(name));
    return [...[...printed].sort().map((text) => (text.includes('=>') ? `(${text})` : text)), ...last].join(' | ');
  }

  /** Prints an object type. A type that contains itself gets a name. */
  private composite(type: Type, place: string): string {
    const known = this.names.get(type);
    if (known !== undefined) return known;
    if (this.open.includes(type)) return this.nameOf(type);
    if (this.open.length > MAX_DEPTH) throw new Error(`${place}: the type is infinite`);
    this.open.push(type);
    const text = this.object(type, place);
    this.open.pop();
    const name = this.names.get(type);
    if (name === undefined) return text;
    this.declarations.push(`type ${name} = ${text};`);
    return name;
  }

  private nameOf(type: Type): string {
    const symbol = type.aliasTypeArguments?.[0]?.symbol ?? type.aliasSymbol ?? type.symbol;
    const wanted = symbol && /^[A-Za-z]\w*$/.test(symbol.name) ? symbol.name : 'Recursive';
    const taken = new Set(this.names.values());
    let name = wanted;
    for (let i = 2; taken.has(name); i++) name = `${wanted}${i}`;
    this.names.set(type, name);
    return name;
  }

  private object(type: Type, place: string): string {
    const { checker } = this;
    if (checker.isTupleType(type)) return this.tuple(type as import('typescript').TupleTypeReference, place);
    if (checker.isArrayType(type)) {
      const [element] = checker.getTypeArguments(type as import('typescript').TypeReference);
      const text = element === undefined ? 'unknown' : parenthesized(this.print(element, `${place}[]`));
      return type.symbol.name === 'ReadonlyArray' ? `readonly ${text}[]` : `${text}[]`;
    }
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) {
      throw new Error(`${place} is a function, which a message cannot contain`);
    }
    const library = this.libraryName(type, place);
    if (library !== undefined) return library;
    return this.members(type, place);
  }

  private tuple(type: import('typescript').TupleTypeReference, place: string): string {
    const { ElementFlags } = this.ts;
    const { elementFlags, readonly } = type.target;
    const elements = this.checker.getTypeArguments(type).map((element, index) => {
      const text = this.print(element, `${place}[${index}]`);
      const flags = elementFlags[index] ?? ElementFlags.Required;
      if (flags & ElementFlags.Optional) return `${parenthesized(text)}?`;
      if (flags & ElementFlags.Rest) return `...${parenthesized(text)}[]`;
      return flags & ElementFlags.Variadic ? `...${text}` : text;
    });
    return `${readonly ? 'readonly ' : ''}[${elements.join(', ')}]`;
  }

  /** Name of a class or interface of ECMAScript; undefined for any other type. */
  private libraryName(type: Type, place: string): string | undefined {
    const { program, checker } = this;
    const files = (type.symbol?.declarations ?? []).map((declaration) => declaration.getSourceFile());
    const named = type.symbol !== undefined && !type.symbol.name.startsWith('__') && type.aliasSymbol === undefined;
    if (files.length === 0 || !named) return undefined;
    if (files.some(({ fileName }) => /[\\/]@types[\\/]node[\\/]/.test(fileName)) || type.symbol.name === 'Buffer') {
      throw new Error(`${place} is a ${type.symbol.name} of Node.js, which a message cannot contain`);
    }
    if (!files.every((file) => program.isSourceFileDefaultLibrary(file))) return undefined;
    const parts = checker.getTypeArguments(type as import('typescript').TypeReference);
    const own = parts.slice(0, (type as import('typescript').GenericType).target?.typeParameters?.length ?? 0);
    const args = own.map((part) => this.print(part, place));
    return args.length === 0 ? type.symbol.name : `${type.symbol.name}<${args.join(', ')}>`;
  }

  private members(type: Type, place: string): string {
    const { checker } = this;
    const indexes = checker.getIndexInfosOfType(type).map((info) => {
      const key = this.print(info.keyType, place);
      return `[key: ${key}]: ${this.print(info.type, `${place}[${key}]`)};`;
    });
    const properties = checker.getPropertiesOfType(type).map((property) => this.property(property, place));
    const lines = [...indexes, ...properties];
    return lines.length === 0 ? '{}' : `{\n${lines.join('\n').replaceAll(/^/gm, '  ')}\n}`;
  }

  private property(property: Symbol_, place: string): string {
    const { ts, checker } = this;
    const name = /^[A-Za-z_$][\w$]*$/.test(property.name) ? property.name : JSON.stringify(property.name);
    if (property.name.startsWith('__@'))
      throw new Error(`${place} has a property whose name is a symbol, which JSON cannot contain`);
    const optional = Boolean(property.flags & ts.SymbolFlags.Optional);
    const type = checker.getTypeOfSymbol(property);
    // the `?` of an optional property already means that it may be undefined
    const parts = optional && type.isUnion() ? type.types.filter((part) => !(part.flags & ts.TypeFlags.Undefined)) : [];
    const at = `${place}.${property.name}`;
    const text = parts.length > 0 ? this.union(parts, at) : this.print(type, at);
    const comment = ts.displayPartsToString(property.getDocumentationComment(checker));
    const lines = comment === '' ? '' : `/** ${comment.replaceAll('*/', '* /').replaceAll('\n', '\n * ')} */\n`;
    return `${lines}${name}${optional ? '?' : ''}: ${text};`;
  }
}

/** Adds parentheses to a union, an intersection or a `readonly` array, which needs them before `[]` or `&`. */
const parenthesized = (text: string): string =>
  /[|&]|^readonly /.test(text.replaceAll(/\{[\s\S]*\}/g, '')) ? `(${text})` : text;
