import { OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { StreamerBundlingOptions } from '../../src';

/** A handler that uses a library as an application would. */
export interface RealHandler {
  /** The library, as the table of docs/bundling.md names it. */
  readonly library: string;
  /** Packages to install, with versions. */
  readonly packages: readonly string[];
  readonly source: string;
  readonly files?: Readonly<Record<string, string>>;
  /** A command of an installed package, run once before synthesis. */
  readonly prepare?: { readonly command: readonly string[]; readonly environment: Readonly<Record<string, string>> };
  /** Options with which the handler works in a bundle. */
  readonly bundling?: StreamerBundlingOptions;
  /** Message of synthesis without the options: an error, or a warning. */
  readonly refused?: RegExp;
  readonly warned?: RegExp;
  readonly result: unknown;
}

const run = (expression: string): string => `export default { run: async () => ${expression} };`;

const PRISMA_SCHEMA = `generator client {
  provider = "prisma-client"
  output = "../generated"
}
datasource db {
  provider = "postgresql"
}
model Customer {
  id Int @id
  name String
}
`;

const DECORATORS = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      ...{ target: 'es2022', module: 'esnext', moduleResolution: 'bundler', strict: true, esModuleInterop: true },
      ...{ experimentalDecorators: true, emitDecoratorMetadata: true },
    },
  }),
};

export const REAL_HANDLERS: readonly RealHandler[] = [
  {
    library: 'sharp',
    packages: ['sharp@0.34'],
    source: `import sharp from 'sharp';
const pixel = { create: { width: 4, height: 4, channels: 3, background: 'red' } } as const;
${run('(await sharp(pixel).png().metadata()).width ?? (await sharp(await sharp(pixel).png().toBuffer()).metadata()).width')}`,
    refused: /nodeModules: \['sharp'\]/,
    bundling: { nodeModules: ['sharp'] },
    result: 4,
  },
  {
    library: 'bcrypt',
    packages: ['bcrypt@6'],
    source: `import bcrypt from 'bcrypt';\n${run("bcrypt.compare('a', await bcrypt.hash('a', 4))")}`,
    refused: /nodeModules: \['bcrypt'\]/,
    bundling: { nodeModules: ['bcrypt'] },
    result: true,
  },
  {
    library: 'Prisma 7 with a driver adapter',
    packages: ['@prisma/client@7', 'prisma@7', '@prisma/adapter-pg@7', 'typescript@5'],
    source: `import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../generated/client';
const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: 'postgres://u:p@127.0.0.1:1/x' }) });
${run('[Prisma.ModelName.Customer, await client.customer.findMany().catch((error: any) => error.code)]')}`,
    files: { 'prisma/schema.prisma': PRISMA_SCHEMA },
    prepare: { command: ['prisma', 'generate'], environment: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath } },
    result: ['Customer', 'P1001'],
  },
  {
    library: 'TypeORM with decorators',
    packages: ['typeorm@0.3', 'reflect-metadata@0.2', 'pg@8', 'typescript@5'],
    source: `import 'reflect-metadata';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
@Entity() class Customer {
  @PrimaryGeneratedColumn() id!: number;
  @Column() name!: string;
}
const source = new DataSource({ type: 'postgres', entities: [Customer] });
${run("((await (source as any).buildMetadatas()), source.getMetadata(Customer).columns.map(({ propertyName, type }: any) => propertyName + ':' + type.name))")}`,
    files: DECORATORS,
    refused: /nodeModules: \['typeorm'\] }`, together with the driver/,
    bundling: { nodeModules: ['typeorm', 'pg', 'reflect-metadata'], preCompilation: true },
    result: ['id:Number', 'name:String'],
  },
  {
    library: 'NestJS (application context)',
    packages: ['@nestjs/core@11', '@nestjs/common@11', 'reflect-metadata@0.2', 'rxjs@7', 'typescript@5'],
    source: `import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
@Injectable() class Greeter { hello() { return 'hello'; } }
@Injectable() class Service { constructor(private readonly greeter: Greeter) {} greet() { return this.greeter.hello(); } }
@Module({ providers: [Greeter, Service] }) class App {}
${run('(await NestFactory.createApplicationContext(App, { logger: false })).get(Service).greet()')}`,
    files: DECORATORS,
    refused:
      /externalModules: \['class-validator', 'class-transformer', '@nestjs\/websockets', '@nestjs\/microservices', '@nestjs\/platform-express'\]/,
    bundling: {
      externalModules: [
        ...['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express'],
        ...['class-transformer', 'class-validator'],
      ],
      preCompilation: true,
    },
    result: 'hello',
  },
  {
    library: 'pino without transports',
    packages: ['pino@9'],
    source: `import pino from 'pino';\n${run("pino({ name: 'x' }).bindings().name")}`,
    result: 'x',
  },
  {
    library: 'pino with a transport',
    packages: ['pino@9', 'pino-pretty@13'],
    source: `import pino from 'pino';
const logger = pino(pino.transport({ target: 'pino-pretty', options: { colorize: false, destination: 2 } }));
${run("new Promise((resolve) => { logger.info('hello'); setTimeout(() => resolve('logged'), 500); })")}`,
    warned: /nodeModules: \['pino'\]|nodeModules: \['thread-stream'\]/,
    bundling: { nodeModules: ['pino', 'pino-pretty'] },
    result: 'logged',
  },
  {
    library: 'knex with pg',
    packages: ['knex@3', 'pg@8'],
    source: `import knex from 'knex';\n${run("knex({ client: 'pg' })('t').select('a').toString()")}`,
    refused: /externalModules: \['better-sqlite3', /,
    bundling: {
      externalModules: ['better-sqlite3', 'mariadb', 'tedious', 'mysql', 'mysql2', 'oracledb', 'sqlite3', 'pg-native'],
    },
    result: 'select "a" from "t"',
  },
  {
    library: 'Sequelize with pg',
    packages: ['sequelize@6', 'pg@8', 'pg-hstore@2'],
    source: `import { DataTypes, Sequelize } from 'sequelize';
const sequelize = new Sequelize('postgres://u:p@localhost/x', { logging: false });
${run("sequelize.define('Customer', { name: DataTypes.STRING }).name")}`,
    refused: /nodeModules: \['sequelize'\] }`, together with the driver/,
    bundling: { nodeModules: ['sequelize', 'pg', 'pg-hstore'] },
    result: 'Customer',
  },
  {
    library: 'jsdom',
    packages: ['jsdom@26'],
    source: `import { JSDOM } from 'jsdom';\n${run("new JSDOM('<p>Hi</p>').window.document.querySelector('p')!.textContent")}`,
    refused: /nodeModules: \['jsdom'\]/,
    bundling: { nodeModules: ['jsdom'] },
    result: 'Hi',
  },
  {
    library: 'pdfkit',
    packages: ['pdfkit@0.17'],
    source: `import PDFDocument from 'pdfkit';
const bytes = () => new Promise<number>((resolve) => {
  const document = new PDFDocument();
  let size = 0;
  document.on('data', (part: Buffer) => { size += part.length; });
  document.on('end', () => resolve(size));
  document.text('Hello').end();
});
${run('(await bytes()) > 500')}`,
    refused: /nodeModules: \['pdfkit'\]/,
    bundling: { nodeModules: ['pdfkit'] },
    result: true,
  },
  {
    library: 'tiktoken',
    packages: ['tiktoken@1'],
    source: `import { get_encoding } from 'tiktoken';\n${run("get_encoding('cl100k_base').encode('hello world').length")}`,
    refused: /nodeModules: \['tiktoken'\]/,
    bundling: { nodeModules: ['tiktoken'] },
    result: 2,
  },
  {
    library: 'top-level await',
    packages: [],
    source: `const value = await Promise.resolve(42);\n${run('value')}`,
    refused: /format: OutputFormat\.ESM/,
    bundling: { format: OutputFormat.ESM },
    result: 42,
  },
  {
    library: 'sharp in ESM with a top-level await',
    packages: ['sharp@0.34'],
    source: `const { default: sharp } = await import('sharp');\n${run('typeof sharp.versions.vips')}`,
    refused: /OutputFormat\.ESM/,
    bundling: { format: OutputFormat.ESM, nodeModules: ['sharp'] },
    result: 'string',
  },
  {
    library: 'js-yaml with a `.yaml` file',
    packages: ['js-yaml@4'],
    source: `import { load } from 'js-yaml';\nimport text from './rates.yaml';\n${run('(load(text) as any).eur')}`,
    files: { 'handlers/rates.yaml': 'eur: 1.1\n' },
    result: 1.1,
  },
];
