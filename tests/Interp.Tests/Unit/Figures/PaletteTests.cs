namespace Interp.Tests.Unit.Figures;

using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed class PaletteTests
{
    public static TheoryData<bool> Themes => [true, false];

    [Theory, MemberData(nameof(Themes))]
    public void Diverging_Centre_IsNeutral(bool dark)
    {
        var zero = Oklab.FromHex(Colours(Palette.Diverging, dark)[32]);
        Math.Sqrt(zero.A * zero.A + zero.B * zero.B).ShouldBeLessThan(0.012);
    }

    [Theory, MemberData(nameof(Themes))]
    public void Diverging_EqualMagnitudes_AreEquallyLight(bool dark)
    {
        var colours = Colours(Palette.Diverging, dark).Select(Oklab.FromHex).ToArray();
        for (var i = 0; i < 32; i++)
            Math.Abs(colours[i].L - colours[64 - i].L).ShouldBeLessThan(0.05, $"levels {i} and {64 - i}");
    }

    [Theory, MemberData(nameof(Themes))]
    public void Palettes_Lightness_RunsOneWayFromZero(bool dark)
    {
        var sign = dark ? 1 : -1;
        foreach (var colours in new[] { Colours(Palette.Sequential, dark), Colours(Palette.Diverging, dark).Skip(32), Colours(Palette.Diverging, dark).Take(33).Reverse() })
        {
            var lightness = colours.Select(c => Oklab.FromHex(c).L).ToArray();
            for (var i = 1; i < lightness.Length; i++)
                (sign * (lightness[i] - lightness[i - 1])).ShouldBeGreaterThan(0);
        }
    }

    [Theory, MemberData(nameof(Themes))]
    public void Diverging_Signs_DifferForEveryKindOfColourVision(bool dark)
    {
        // Red-green blindness keeps the blue-yellow axis (b), blue-yellow blindness the red-green one (a).
        var colours = Colours(Palette.Diverging, dark).Select(Oklab.FromHex).ToArray();
        for (var i = 0; i <= 16; i++)
        {
            (colours[i].B - colours[64 - i].B).ShouldBeGreaterThan(0.08);
            (colours[i].A - colours[64 - i].A).ShouldBeGreaterThan(0.04);
        }
    }

    [Theory, MemberData(nameof(Themes))]
    public void Text_OnEveryLevel_HasContrast(bool dark)
    {
        foreach (var palette in new[] { Palette.Diverging, Palette.Sequential })
            for (var level = 0; level < palette.Levels; level++)
            {
                var light = dark ? palette.Ink(level) is "v" or "m" : palette.Ink(level) is "w" or "m";
                Contrast(light ? "#ffffff" : "#16181c", Colours(palette, dark)[level]).ShouldBeGreaterThan(4, $"level {level}");
            }
    }

    [Fact]
    public void Oklab_RoundTrip_KeepsTheColour()
    {
        foreach (var hex in new[] { "#000000", "#ffffff", "#7f2a04", "#2f78bd", "#00ff7f" })
            Oklab.FromHex(hex).ToHex().ShouldBe(hex);
    }

    private static IReadOnlyList<string> Colours(Palette palette, bool dark) => dark ? palette.Dark : palette.Light;

    private static double Contrast(string a, string b)
    {
        var (x, y) = (Oklab.Luminance(a) + 0.05, Oklab.Luminance(b) + 0.05);
        return Math.Max(x, y) / Math.Min(x, y);
    }
}
