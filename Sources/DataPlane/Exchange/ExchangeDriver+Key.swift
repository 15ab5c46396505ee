import GatewayCore
import NIOCore
import NIOHTTP1
import Routing
import WireFormats

/// The first stage: the caller's key, which is checked again before what may come much later.
extension ExchangeDriver {
    func authenticate() {
        do throws(GatewayError) {
            if let fault { throw fault }
            if let refusal = endpoint.refusal(method: head.method) { throw refusal }
            // Before the first part of the body, which is kept as it comes until the key is known.
            codingFault = takeCoding()
            guard !loop.isStale else { throw .stale }
            let credentials = try Credentials(head.headers)
            let token = credentials.token
            self.credentials = credentials
            switch loop.keys.cached(token.publicID, now: exchange.receivedAt) {
            case .known(let record): try accept(token, record)
            case .absent: try accept(token, nil)
            case .outdated(let record):
                let isKnown = KeyVerifier.hasSecret(token, of: record, now: exchange.receivedAt)
                try awaitKey(token, isKnown ? .known : .stranger)
            case .unknown: try awaitKey(token, .stranger)
            }
        } catch {
            handle(.refused(error))
        }
    }

    /// - Returns: why the body cannot be decoded, which only a caller with a key learns.
    private func takeCoding() -> GatewayError? {
        guard head.method == .POST else { return nil }
        do throws(GatewayError) {
            codedBody = try CodedBody(head.headers)
            return nil
        } catch {
            return error
        }
    }

    private func accept(_ token: APIKeyToken, _ record: KeyRecord?) throws(GatewayError) {
        try verify(token, against: record)
        // Not before: a request without a valid key takes no place of one with it.
        guard loop.load.enter() else { throw .overloaded }
        isCounted = true
        loop.keys.recordUse(of: token.publicID, now: exchange.receivedAt)
        if let codingFault { throw codingFault }
        exchange.stageEnds.authenticate = elapsed
        handle(.authenticated)
        guard let isEndEarly = codedBody?.isEndEarly, machine.stage == .read else { return }
        codedBody?.keyIsKnown()
        decodeBody()
        if isEndEarly, machine.stage == .read { endBody() }
    }

    private func awaitKey(_ token: APIKeyToken, _ caller: KeyLookup.Caller) throws(GatewayError) {
        handle(.lookupPending)
        keyTicket = try loop.keys.fetch(token.publicID, for: caller) { [self] result in
            keyTicket = nil
            resume {
                do throws(GatewayError) {
                    try accept(token, try result.get())
                } catch {
                    handle(.refused(error))
                }
            }
        }
    }

    // MARK: Again, before what follows

    /// Continues with `next` if the key is still valid: at once, or after it was looked up again.
    /// - Parameters:
    ///   - pending: called before the wait, if there is one.
    func recheckKey(
        pending: () -> Void, refused: @escaping (GatewayError) -> Void, next: @escaping () -> Void
    ) {
        switch keyStanding() {
        case .valid: next()
        case .refused(let error): refused(error)
        case .unknown:
            pending()
            lookUpKeyAgain(refused: refused, next: next)
        }
    }

    private func lookUpKeyAgain(refused: @escaping (GatewayError) -> Void, next: @escaping () -> Void) {
        guard let token = credentials?.token else { return refused(KeyVerifier.invalid) }
        do throws(GatewayError) {
            keyTicket = try loop.keys.fetch(token.publicID, for: .known) { [self] result in
                keyTicket = nil
                resume {
                    do throws(GatewayError) {
                        try check(token, against: try result.get(), now: WallClock.now())
                        next()
                    } catch {
                        refused(error)
                    }
                }
            }
        } catch {
            refused(error)
        }
    }
}
