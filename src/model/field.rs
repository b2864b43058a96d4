//! The canonical fields that a claim can be about.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldName {
    Reference,
    /// The booking's own key in the target, where a record carries it.
    BookingKey,
    Tenant,
    CustomerKey,
    CustomerName,
    CustomerFirstName,
    CustomerLastName,
    /// What somebody calls them who does not write the whole name: the family's name, a nickname, initials.
    CustomerCalled,
    CustomerEmail,
    CustomerPhone,
    ResourceKey,
    ResourceName,
    ResourceCode,
    ResourceClass,
    StartsAt,
    EndsAt,
    Status,
    Total,
    Currency,
    CreatedAt,
}

impl FieldName {
    /// Whether it tells who the customer is.
    pub fn is_of_customer(self) -> bool {
        matches!(
            self,
            Self::CustomerKey
                | Self::CustomerName
                | Self::CustomerFirstName
                | Self::CustomerLastName
                | Self::CustomerCalled
                | Self::CustomerEmail
                | Self::CustomerPhone
        )
    }

    pub const ALL: [Self; 20] = [
        Self::Reference,
        Self::BookingKey,
        Self::Tenant,
        Self::CustomerKey,
        Self::CustomerName,
        Self::CustomerFirstName,
        Self::CustomerLastName,
        Self::CustomerCalled,
        Self::CustomerEmail,
        Self::CustomerPhone,
        Self::ResourceKey,
        Self::ResourceName,
        Self::ResourceCode,
        Self::ResourceClass,
        Self::StartsAt,
        Self::EndsAt,
        Self::Status,
        Self::Total,
        Self::Currency,
        Self::CreatedAt,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::BookingKey => "booking.key",
            Self::Tenant => "tenant",
            Self::CustomerKey => "customer.key",
            Self::CustomerName => "customer.name",
            Self::CustomerFirstName => "customer.first_name",
            Self::CustomerLastName => "customer.last_name",
            Self::CustomerCalled => "customer.called",
            Self::CustomerEmail => "customer.email",
            Self::CustomerPhone => "customer.phone",
            Self::ResourceKey => "resource.key",
            Self::ResourceName => "resource.name",
            Self::ResourceCode => "resource.code",
            Self::ResourceClass => "resource.class",
            Self::StartsAt => "starts_at",
            Self::EndsAt => "ends_at",
            Self::Status => "status",
            Self::Total => "total",
            Self::Currency => "currency",
            Self::CreatedAt => "created_at",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }
}

impl std::fmt::Display for FieldName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
