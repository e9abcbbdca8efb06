namespace Interp.Packages.Tests;

using Interp.Packages.Tests.Support;
using Xunit;

/// <summary>The tests that read one feed, packed once.</summary>
[CollectionDefinition(Name)]
public sealed class FeedCollection : ICollectionFixture<PackedFeed>
{
    public const string Name = "feed";
}
