#pragma once

#include <stddef.h>

/// The price list that script/prices has fetched: JSON in the form of https://models.dev/api.json, reduced to prices and limits.
const void *price_data(void);

/// In bytes.
size_t price_data_size(void);

/// Where the data is from, with its version.
const char *price_data_source(void);
