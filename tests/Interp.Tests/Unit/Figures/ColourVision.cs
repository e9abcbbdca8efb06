namespace Interp.Tests.Unit.Figures;

/// <summary>A colour as it is seen with a kind of colour vision.</summary>
/// <remarks>
/// The matrices for full severity of Machado, Oliveira and Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision
/// Deficiency", table 1, on linear sRGB; distances are taken in Oklab, where about 0.02 is just noticed.
/// </remarks>
internal static class ColourVision
{
    private static readonly Dictionary<string, double[]> Matrices = new()
    {
        ["full"] = [1, 0, 0, 0, 1, 0, 0, 0, 1],
        ["protanopia"] = [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
        ["deuteranopia"] = [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
        ["tritanopia"] = [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
    };

    public static IReadOnlyCollection<string> Kinds => Matrices.Keys;

    public static Oklab See(string hex, string kind)
    {
        var rgb = Convert.ToInt32(hex[1..], 16);
        double[] linear = [Linear(rgb >> 16), Linear((rgb >> 8) & 255), Linear(rgb & 255)];
        var m = Matrices[kind];
        var seen = Enumerable.Range(0, 3).Select(row => Math.Clamp(m[3 * row] * linear[0] + m[3 * row + 1] * linear[1] + m[3 * row + 2] * linear[2], 0, 1));
        return Oklab.FromHex("#" + string.Concat(seen.Select(v => ((int)Math.Round(Gamma(v) * 255)).ToString("x2", null))));
    }

    public static double Distance(Oklab a, Oklab b) => Math.Sqrt(Math.Pow(a.L - b.L, 2) + Math.Pow(a.A - b.A, 2) + Math.Pow(a.B - b.B, 2));

    private static double Linear(int channel) => channel / 255.0 is var c && c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);

    private static double Gamma(double c) => c <= 0.0031308 ? 12.92 * c : 1.055 * Math.Pow(c, 1 / 2.4) - 0.055;
}
