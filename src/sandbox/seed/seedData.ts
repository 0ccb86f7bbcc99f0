import type { leadSources, leadStatuses, dealStages } from "../crm/standardModules.ts";

/** Invented people and firms around a firm that sells homes. */

export const seedAccounts: readonly (readonly [name: string, type: string, industry: string, city: string])[] = [
  ["Northgate Developers", "Developer", "Real Estate", "Bengaluru"],
  ["Silverleaf Constructions", "Developer", "Construction", "Hyderabad"],
  ["Keystone Realty Partners", "Channel Partner", "Real Estate", "Pune"],
  ["Bluefin Capital", "Investor", "Finance", "Mumbai"],
  ["Orchard Systems", "Corporate", "Technology", "Bengaluru"],
  ["Meridian Health", "Corporate", "Healthcare", "Chennai"],
];

/** `account` is the place of the contact's account in the list above. */
export const seedContacts: readonly (readonly [first: string, last: string, title: string, account: number])[] = [
  ["Ravi", "Kapoor", "Director, Sales", 0],
  ["Elena", "Marchetti", "Project Head", 0],
  ["Sunil", "Deshpande", "Managing Partner", 1],
  ["Grace", "Mwangi", "Partner Manager", 2],
  ["Tomás", "Herrera", "Investment Analyst", 3],
  ["Noor", "Rahman", "Facilities Lead", 4],
  ["Julia", "Lindqvist", "Chief Operating Officer", 4],
  ["Arjun", "Pillai", "Administrator", 5],
  ["Hannah", "Brandt", "Portfolio Manager", 3],
  ["Samuel", "Adeyemi", "Broker", 2],
];

type LeadSeed = readonly [
  first: string,
  last: string,
  company: string,
  city: string,
  source: (typeof leadSources)[number],
  status: (typeof leadStatuses)[number],
  locality: string,
  budget: number,
];

export const seedLeads: readonly LeadSeed[] = [
  ["Priya", "Nair", "Lakeshore Clinics", "Bengaluru", "Property Portal", "Not Contacted", "Indiranagar", 14_500_000],
  ["Oliver", "Grant", "Grant & Daughters", "Bengaluru", "Website", "Contacted", "Whitefield", 9_800_000],
  ["Fatima", "Zahra", "Zahra Textiles", "Hyderabad", "Referral", "Attempted to Contact", "Gachibowli", 12_000_000],
  ["Kenji", "Mori", "Mori Robotics", "Pune", "Channel Partner", "Contacted", "Baner", 17_250_000],
  ["Ananya", "Iyer", "Iyer Architects", "Chennai", "Walk-in", "Contacted", "Adyar", 21_000_000],
  ["Lucas", "Moreau", "Moreau Imports", "Mumbai", "Social Media", "Not Contacted", "Powai", 32_500_000],
  ["Deepa", "Shetty", "Coastline Foods", "Bengaluru", "Property Portal", "Contact in Future", "Hebbal", 8_400_000],
  ["Ibrahim", "Sesay", "Sesay Logistics", "Pune", "Website", "Not Contacted", "Kharadi", 7_900_000],
  ["Clara", "Nowak", "Nowak Studio", "Bengaluru", "Referral", "Contacted", "Jayanagar", 15_600_000],
  ["Vikram", "Sood", "Sood Motors", "Hyderabad", "Property Portal", "Junk Lead", "Kondapur", 6_200_000],
  ["Amara", "Obi", "Obi Pharma", "Mumbai", "Channel Partner", "Attempted to Contact", "Bandra West", 48_000_000],
  ["Rohan", "Bhatt", "Bhatt Legal", "Bengaluru", "Walk-in", "Contacted", "Koramangala", 18_900_000],
  ["Sofia", "Andersen", "Fjord Analytics", "Pune", "Website", "Not Contacted", "Viman Nagar", 11_300_000],
  ["Manoj", "Thomas", "Backwater Resorts", "Chennai", "Referral", "Contacted", "Velachery", 10_750_000],
];

type DealSeed = readonly [
  unit: string,
  project: string,
  stage: (typeof dealStages)[number],
  amount: number,
  /** Days from the first start until it is to close; negative when it is closed. */
  closesIn: number,
  /** Place in the list of contacts. */
  contact: number,
];

export const seedDeals: readonly DealSeed[] = [
  ["A-1204", "Harbourline Crest", "Enquiry", 14_200_000, 75, 5],
  ["B-0302", "Harbourline Crest", "Qualification", 9_650_000, 60, 6],
  ["C-0807", "Palm Court", "Site Visit Scheduled", 12_400_000, 45, 4],
  ["C-1101", "Palm Court", "Site Visit Scheduled", 13_100_000, 40, 8],
  ["Villa 7", "The Orchards", "Site Visit Done", 36_500_000, 35, 2],
  ["Villa 12", "The Orchards", "Negotiation", 38_200_000, 20, 0],
  ["D-0405", "Riverside Lofts", "Token Paid", 16_800_000, 14, 7],
  ["D-0911", "Riverside Lofts", "Agreement Signed", 17_350_000, 7, 1],
  ["Shop 3", "Palm Court Arcade", "Negotiation", 22_000_000, 28, 3],
  ["A-0601", "Harbourline Crest", "Closed Won", 13_750_000, -12, 9],
  ["B-0704", "Harbourline Crest", "Closed Lost", 9_900_000, -20, 6],
  ["E-1502", "Skyline Terraces", "Site Visit Scheduled", 19_450_000, 50, 5],
];
