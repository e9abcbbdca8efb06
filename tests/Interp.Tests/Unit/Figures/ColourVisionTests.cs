namespace Interp.Tests.Unit.Figures;

using Shouldly;
using Xunit;

/// <summary>What colours mean is seen with every kind of colour vision: lightness alone tells magnitudes, and signs and series differ besides.</summary>
[Trait("Tier", "unit")]
public sealed class ColourVisionTests
{
    public static TheoryData<string, bool> Views
    {
        get
        {
            var views = new TheoryData<string, bool>();
            foreach (var kind in ColourVision.Kinds)
            {
                views.Add(kind, false);
                views.Add(kind, true);
            }

            return views;
        }
    }

    [Fact]
    public void See_KnownColours_AreWhatTheMatricesSay()
    {
        // Pure red is seen dark by protanopes and lighter by deuteranopes; greys are seen as they are.
        ColourVision.Distance(ColourVision.See("#808080", "protanopia"), Oklab.FromHex("#808080")).ShouldBeLessThan(0.01);
        ColourVision.See("#ff0000", "protanopia").L.ShouldBeLessThan(ColourVision.See("#ff0000", "deuteranopia").L - 0.1);
        ColourVision.Distance(ColourVision.See("#ff0000", "full"), Oklab.FromHex("#ff0000")).ShouldBeLessThan(1e-9);
    }

    [Theory, MemberData(nameof(Views))]
    public void Palettes_Magnitudes_AreTold(string kind, bool dark)
    {
        Oklab[] Seen(Palette palette) => [.. (dark ? palette.Dark : palette.Light).Select(c => ColourVision.See(c, kind))];
        var diverging = Seen(Palette.Diverging);
        foreach (var arm in new[] { Seen(Palette.Sequential), diverging[32..], [.. diverging[..33].Reverse()] })
        {
            for (var i = 1; i < arm.Length; i++)
                ((dark ? 1 : -1) * (arm[i].L - arm[i - 1].L)).ShouldBeGreaterThan(0, $"lightness turns back at level {i}");
            for (var i = 4; i < arm.Length; i++) // an eighth of the range
                ColourVision.Distance(arm[i], arm[i - 4]).ShouldBeGreaterThan(0.05, $"levels {i - 4} and {i}");
        }
    }

    [Theory, MemberData(nameof(Views))]
    public void Diverging_Signs_AreTold(string kind, bool dark)
    {
        var seen = (dark ? Palette.Diverging.Dark : Palette.Diverging.Light).Select(c => ColourVision.See(c, kind)).ToArray();
        for (var i = 0; i <= 28; i++) // from the limit down to an eighth of it
            ColourVision.Distance(seen[i], seen[64 - i]).ShouldBeGreaterThan(i <= 24 ? 0.1 : 0.05, $"levels {i} and {64 - i}");
    }

    [Theory, MemberData(nameof(Views))]
    public void Series_Pairs_AreTold(string kind, bool dark)
    {
        var colours = dark ? ChartStyle.Dark : ChartStyle.Light;
        colours.Count.ShouldBe(ChartStyle.Colours);
        var seen = colours.Select(c => ColourVision.See(c, kind)).ToArray();
        for (var i = 0; i < seen.Length; i++)
            for (var j = 0; j < i; j++)
                ColourVision.Distance(seen[i], seen[j]).ShouldBeGreaterThan(0.08, $"{colours[i]} and {colours[j]}");
    }

    [Theory]
    [InlineData(false, "#ffffff")]
    [InlineData(true, "#16181c")]
    public void Series_OnTheirGround_StandOut(bool dark, string ground)
    {
        foreach (var colour in dark ? ChartStyle.Dark : ChartStyle.Light)
        {
            var (x, y) = (Oklab.Luminance(colour) + 0.05, Oklab.Luminance(ground) + 0.05);
            (Math.Max(x, y) / Math.Min(x, y)).ShouldBeGreaterThan(2.95, colour); // WCAG 2, 1.4.11: 3, less the rounding of colours
        }
    }
}
