namespace Interp.Tests.Unit.Numerics;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class NearestNameTests
{
    [Theory]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    [InlineData("same", "same", 0)]
    public void Distance_TwoNames_CountsEdits(string a, string b, int edits) => NearestName.Distance(a, b).ShouldBe(edits);

    [Fact]
    public void Hint_SameNameUnderAPrefix_ComesBeforeASmallerEdit() =>
        NearestName.Hint("wte.weight", ["wpe.weight", "transformer.wte.weight"]).ShouldBe(" Nearest: 'transformer.wte.weight'.");

    [Fact]
    public void Hint_NothingKnown_IsEmpty() => NearestName.Hint("a", []).ShouldBeEmpty();
}
