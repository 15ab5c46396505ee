/// Which JSON a reader accepts.
enum JSONDialect {
    /// RFC 8259: for requests, so that every provider reads what the gateway has checked.
    case strict
    /// Also `NaN`, `Infinity` and `-Infinity`, which Python's servers (vLLM) write for logprobs. They are passed on as
    /// they came.
    case answer
}
