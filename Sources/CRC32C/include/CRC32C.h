#pragma once

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli), RFC 3720, section 12.1. Continues from `crc`, which is 0 at the start, so that
/// crc32c(crc32c(0, a), b) is that of a and b together. Uses the processor's instructions where it has them.
uint32_t crc32c(uint32_t crc, const void *data, size_t size);

/// The same from a table, for processors without the instructions, and to compare with.
uint32_t crc32c_portable(uint32_t crc, const void *data, size_t size);
