import WireFormats

extension UpstreamErrorBody {
    /// The party at fault for a failure.
    enum ErrorCategory {
        /// The request is at fault, on every route.
        case request
        /// The gateway exceeds a limit of the provider.
        case limit
        case other
    }

    /// By OpenAI's codes, which others use too: the codes of errors
    /// (https://platform.openai.com/docs/guides/error-codes), those of a failed response
    /// (https://platform.openai.com/docs/api-reference/responses/object, `error`), and statuses as OpenRouter gives
    /// them.
    var category: ErrorCategory {
        switch code {
        case "model_not_found", "invalid_api_key": return .other
        case "429", "rate_limit_exceeded", "insufficient_quota": return .limit
        case "400", "413", "422": return .request
        case let code? where Self.requestCodes.contains(code): return .request
        default: break
        }
        return switch type {
        case "invalid_request_error": .request
        case "rate_limit_error", "insufficient_quota": .limit
        default: .other
        }
    }

    /// Whether an object in the request does not exist, such as an item of the input that the provider did not store;
    /// not the model.
    var isAboutInput: Bool {
        type == "invalid_request_error" && code != "model_not_found" && param != nil && param != "model"
    }

    private static let requestCodes: Set<String> = [
        "context_length_exceeded", "string_above_max_length", "content_filter", "content_policy_violation",
        "invalid_prompt",
        "invalid_image", "invalid_image_format", "invalid_image_url", "invalid_image_mode", "invalid_base64_image",
        "image_too_large", "image_too_small", "image_parse_error", "image_content_policy_violation",
        "image_file_too_large", "image_file_not_found", "unsupported_image_media_type", "empty_image_file",
        "failed_to_download_image",
    ]
}
