import WireFormats

extension UpstreamErrorBody {
    /// The party at fault for a failure.
    enum ErrorCategory {
        /// The request is at fault, on every route.
        case request
        /// The gateway exceeds a limit of the provider.
        case limit
        /// The gateway's account with the provider is empty, which no waiting changes.
        case quota
        /// The provider does not take the gateway's credential, or lacks the model.
        case setting
        case other
    }

    /// By OpenAI's codes, which others use too: the codes of errors
    /// (https://platform.openai.com/docs/guides/error-codes), those of a failed response
    /// (https://platform.openai.com/docs/api-reference/responses/object, `error`), and statuses as OpenRouter gives
    /// them.
    var category: ErrorCategory {
        if namesContentRefusal { return .request }
        switch code {
        case "model_not_found", "invalid_api_key": return .setting
        case "insufficient_quota": return .quota
        case "429", "rate_limit_exceeded": return .limit
        case "400", "413", "422": return .request
        case "403" where isContentRefusal, "451" where isContentRefusal: return .request
        case let code? where Self.requestCodes.contains(code): return .request
        default: break
        }
        return switch type {
        case "invalid_request_error": .request
        case "insufficient_quota": .quota
        case "rate_limit_error": .limit
        default: .other
        }
    }

    /// Whether an object in the request does not exist, such as an item of the input that the provider did not store;
    /// not the model.
    var isAboutInput: Bool {
        type == "invalid_request_error" && code != "model_not_found" && param != nil && param != "model"
    }

    /// Whether the body says by a mark, its code or its type that the content of the request was refused by a policy.
    var namesContentRefusal: Bool {
        refusesContent || [code, type].contains { $0.map(Self.contentCodes.contains) ?? false }
    }

    /// Whether the content of the request was refused by a policy, rather than the gateway's credential: both come as
    /// 403. By the body's marks and codes, else by the words that providers without codes use (xAI).
    var isContentRefusal: Bool {
        if namesContentRefusal { return true }
        guard let message = message?.lowercased() else { return false }
        return Self.contentWords.contains { message.contains($0) }
    }

    /// The type and code as the provider named them. The type `error` is that of an event.
    var namedType: String? { type == "error" ? nil : type }

    private static let contentCodes: Set<String> = [
        "content_filter", "content_policy_violation", "content_policy", "content_moderation", "moderation",
        "moderation_blocked", "moderation_error", "image_content_policy_violation", "safety", "safety_error",
        "content_blocked", "sensitive_content", "data_inspection_failed", "DataInspectionFailed",
    ]
    private static let contentWords = [
        "flagged", "content policy", "content violates", "usage guidelines", "content management policy",
        "requires moderation", "blocked by moderation", "safety system", "safety check", "inappropriate content",
    ]
    private static let requestCodes: Set<String> = contentCodes.union([
        "context_length_exceeded", "string_above_max_length", "invalid_prompt",
        "invalid_image", "invalid_image_format", "invalid_image_url", "invalid_image_mode", "invalid_base64_image",
        "image_too_large", "image_too_small", "image_parse_error",
        "image_file_too_large", "image_file_not_found", "unsupported_image_media_type", "empty_image_file",
        "failed_to_download_image",
    ])
}
