import GatewayCore

/// The stages of a decision in words, each with the setting behind it.
struct StageWording {
    private let request: ExplainRequest
    private let decision: Decision

    init(_ request: ExplainRequest, _ decision: Decision) {
        self.request = request
        self.decision = decision
    }

    /// In the order of the pipeline.
    var stages: [Explanation.Stage] {
        Decision.Stage.allCases.map { stage in
            let verdict = decision.verdict(of: stage)
            let finding =
                switch verdict {
                case .passed: finding(of: stage)
                case .refused: decision.refusal?.error.message ?? ""
                case .notReached: "is not reached"
                }
            return Explanation.Stage(
                name: stage.rawValue, verdict: verdict, finding: finding, setting: verdict == .refused ? setting : nil)
        }
    }

    // MARK: A stage that the request passes

    private func finding(of stage: Decision.Stage) -> String {
        switch stage {
        case .authenticate: "the key is valid, and its owner, \(request.key.owner.text), is active"
        case .read: readFinding
        case .resolve: decision.model.map(resolveFinding) ?? ""
        case .plan: planFinding
        }
    }

    private var readFinding: String {
        let needs = request.request.required.members.map(\.rawValue).joined(separator: ", ")
        let previous = request.request.previousResponseID.map { "; it continues the response \($0)" } ?? ""
        return "a route has to support \(needs)\(previous)"
    }

    private func resolveFinding(_ model: ResolvedModel) -> String {
        var names = [model.requested] + model.aliases.filter { $0 != model.requested }
        if names.last != model.id { names.append(model.id) }
        let layers = request.key.access.limits.map { limit in
            switch limit.layer {
            case .key: "the key's grants"
            case .team(let key): "the team \(key)"
            case .user(let email): "the user \(email)"
            }
        }
        let allowed = layers.isEmpty ? "no allowlist applies" : "allowed by \(layers.joined(separator: ", "))"
        return "\(names.joined(separator: " → ")); \(allowed)"
    }

    private var planFinding: String {
        guard case .planned(let plan) = decision.outcome else { return "" }
        let count =
            if request.request.previousResponseID != nil {
                "the route that stores the previous response can serve it"
            } else {
                "\(plan.kept.count) of \(decision.model?.routes.count ?? 0) routes can serve it"
            }
        return plan.isLastResort ? "\(count); it is cooling down, and no other route is left" : count
    }

    // MARK: The stage that refuses it

    /// The setting behind the refusal.
    private var setting: String? {
        guard let refusal = decision.refusal else { return nil }
        return switch refusal.stage {
        case .authenticate: keySetting(refusal.error.code)
        case .read: nil
        case .resolve: modelSetting(refusal.error.code)
        case .plan: planSetting(refusal)
        }
    }

    private func keySetting(_ code: ErrorCode) -> String? {
        switch code {
        case .apiKeyRevoked: "final; `gateway keys create` makes another key"
        case .apiKeyExpired: "the key's expiry; `gateway keys create` makes another key"
        case .ownerInactive: "the status of \(request.key.owner.text), or of the team"
        default: nil
        }
    }

    private func modelSetting(_ code: ErrorCode) -> String? {
        guard code == .modelNotAllowed else { return code == .modelNotFound ? "models" : nil }
        return switch request.key.access.refusal(of: request.request.model) {
        case .key: "the key's grants (auth.seed_api_keys[].allowed_models for a key of the file)"
        case .team(let key): "teams[\(key)].allowed_models"
        case .user(let email): "users[\(email)].allowed_models"
        case nil: nil
        }
    }

    private func planSetting(_ refusal: Decision.Refusal) -> String? {
        guard let model = decision.model else { return nil }
        if refusal.error.code == .unsupportedParameter { return "models[\(model.id)].routes[].allow_stored_responses" }
        return refusal.dropped.first.map { RouteWording.setting(behind: $0.reason, model, $0.index) }
    }
}
