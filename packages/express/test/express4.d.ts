// An alias of Express 4, whose types differ from those of 5 in nothing that the tests use.
declare module 'express4' {
  import express from 'express';
  export default express;
}
