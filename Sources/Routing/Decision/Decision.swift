public import GatewayCore

/// What becomes of a request to a model, with what each stage found. The data plane executes it; `explain` puts it into
/// words.
///
/// What `authenticate` and `read` found are the inputs of the decision, so they are not repeated here.
public struct Decision: Sendable {
    /// The stages in the order of the pipeline.
    public enum Stage: String, Sendable, CaseIterable {
        /// The key is valid.
        case authenticate
        /// The body was read, and refers to no state that the provider keeps.
        case read
        /// The model exists, and the key may use it.
        case resolve
        /// A route can serve the request.
        case plan
    }

    /// How a stage ended.
    public enum Verdict: String, Sendable, Codable {
        case passed, refused
        case notReached = "not_reached"
    }

    /// A refusal, before any provider is called.
    public struct Refusal: Sendable {
        public let stage: Stage
        public let error: GatewayError
        /// Every route with its reason, in the order of the model's routes, if no route can serve the request; else
        /// empty.
        public let dropped: [DroppedRoute]
    }

    public enum Outcome: Sendable {
        case planned(RoutePlan)
        /// Look up the stored response with this id, and decide again with the result.
        case needsPreviousResponse(id: String)
        case refused(Refusal)
    }

    /// What `resolve` found; nil if that stage refused the request or was not reached.
    public let model: ResolvedModel?
    public let outcome: Outcome
    /// What an accepted request claims from limits and budgets, with its first attempt. Empty: no limit and no budget
    /// is in force.
    public var claims: [Claim] { [] }

    /// The refusal, if the request is refused.
    public var refusal: Refusal? {
        switch outcome {
        case .refused(let refusal): refusal
        case .planned, .needsPreviousResponse: nil
        }
    }

    /// How `stage` ended.
    public func verdict(of stage: Stage) -> Verdict {
        switch outcome {
        case .planned: .passed
        case .needsPreviousResponse: stage == .plan ? .notReached : .passed
        case .refused(let refusal):
            if stage == refusal.stage {
                .refused
            } else {
                stage.position < refusal.stage.position ? .passed : .notReached
            }
        }
    }
}

extension Decision.Stage {
    fileprivate var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
